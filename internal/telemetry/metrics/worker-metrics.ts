import type { Clock } from '../../../pkg/clock/clock.ts'
import type { WorkerLease } from '../../domain/generator/worker-lease.ts'
import { type Family, gauge, type Sample } from './family.ts'

/** The worker ids of the layouts that were asked for. */
export function workerMetrics(
  leases: Iterable<WorkerLease>,
  lifeMs: number,
  clock: Clock,
): Family[] {
  const all = [...leases]
  const each = (value: (lease: WorkerLease) => number): Sample[] =>
    all.map((lease) => ({ labels: { layout: lease.layout.name }, value: value(lease) }))
  return [
    gauge(
      'goloves_worker_lease_seconds_left',
      'How long ids of the layout can leave without another word from the store; 0 without a worker id.',
      each((lease) => marginMs(lease, clock) / 1000),
    ),
    gauge(
      'goloves_worker_lease_life_seconds',
      'How long a worker id is leased for each time.',
      lifeMs / 1000,
    ),
    gauge(
      'goloves_layout_end_timestamp_seconds',
      'The last moment that an id of the layout can carry.',
      each(({ layout }) => layout.lastMs / 1000),
    ),
  ]
}

/** The lease ends by the monotonic clock, the reservation by the wall clock: the first of them counts. */
function marginMs(lease: WorkerLease, clock: Clock): number {
  const { held, leftMs } = lease
  if (held === undefined) return 0
  return Math.max(0, Math.min(leftMs, held.reservedUntilMs - clock.nowMs()))
}
