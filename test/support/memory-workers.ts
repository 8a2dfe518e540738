import { PRESET_LAYOUTS } from '../../internal/domain/entity/snowflake-layout.ts'
import { WorkerLeases } from '../../internal/domain/generator/worker-leases.ts'
import type { MemoryWorkerTable } from '../../internal/repository/worker/memory-worker-repository.ts'
import type { Clock } from '../../pkg/clock/clock.ts'
import { BreakableWorkers } from './breakable-workers.ts'
import { SilentObserver } from './silent-observer.ts'

/** A table of worker ids, in which the pools of the layouts with a name are not new. */
export function openPools(clock: Clock): BreakableWorkers {
  const pools = PRESET_LAYOUTS.map((name) => [name, { openedMs: 0, rows: new Map() }] as const)
  const table: MemoryWorkerTable = new Map(pools)
  return new BreakableWorkers(table, () => clock.nowMs())
}

/** The worker ids of one process, by default in a table of its own. */
export function memoryWorkers(clock: Clock, workers = openPools(clock)): WorkerLeases {
  return new WorkerLeases({
    workers,
    owner: 'one',
    fixedWorker: undefined,
    lifeMs: 30_000,
    clock,
    random: () => 0.5,
    observer: new SilentObserver(),
  })
}
