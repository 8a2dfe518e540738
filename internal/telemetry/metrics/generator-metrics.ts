import type { Clock } from '../../../pkg/clock/clock.ts'
import type { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import { LatencyMeter } from '../../../pkg/metering/call-meter.ts'
import { CodeCounts } from '../../../pkg/metering/code-counts.ts'
import type { IdRange } from '../../domain/entity/id-range.ts'
import type { TagName } from '../../domain/entity/tag.ts'
import { GeneratorObserver } from '../../domain/generator/generator-observer.ts'
import type { WorkerHolder } from '../../domain/generator/worker-repository.ts'
import { codeCounter, counter, type Family, gauge, histogram } from './family.ts'
import { TagMetrics } from './tag-metrics.ts'

const NO_LABELS = {}

/** Counts what happens to the tags and worker ids of an instance. */
export class GeneratorMetrics extends GeneratorObserver {
  readonly tags = new TagMetrics()
  readonly #clock: Clock
  readonly #refills = new LatencyMeter()
  readonly #refillFailures = new CodeCounts()
  readonly #workerFailures = new CodeCounts()
  readonly #ledgerFailures = new CodeCounts()
  readonly #renewedMs = new Map<string, number>()
  #callersWaited = 0
  #wasted = 0
  #workersHeld = 0

  constructor(clock: Clock) {
    super()
    this.#clock = clock
  }

  leased(_tag: TagName, _range: IdRange, tookMs: number): void {
    this.#refills.note(tookMs)
  }

  failed(_tag: TagName, error: GolovesError): void {
    this.#refillFailures.count(error.code)
  }

  // `leased` tells of it as well.
  recovered(): void {}

  callerWaits(): void {
    this.#callersWaited += 1
  }

  // The registry is asked whether the store answers.
  storeFailed(): void {}
  storeAnswered(): void {}

  dropped(_tag: TagName, ids: bigint): void {
    this.#wasted += Number(ids)
  }

  retired(tag: TagName, givenOut: bigint): void {
    this.tags.retire(tag, givenOut)
  }

  workerHeld(_holder: WorkerHolder): void {
    this.#workersHeld += 1
  }

  workerFailed(_layout: string, error: GolovesError): void {
    this.#workerFailures.count(error.code)
  }

  workerRecovered(layout: string): void {
    this.#renewedMs.set(layout, this.#clock.nowMs())
  }

  ledgerFailed(error: GolovesError): void {
    this.#ledgerFailures.count(error.code)
  }

  ledgerWritten(): void {}

  families(): Family[] {
    return [
      histogram('goloves_refill_seconds', 'How long leases of ids took that succeeded.', [
        { labels: NO_LABELS, latency: this.#refills },
      ]),
      codeCounter('goloves_refill_failures_total', 'Attempts to lease ids that failed.', [
        { labels: NO_LABELS, counts: this.#refillFailures },
      ]),
      counter(
        'goloves_callers_waited_total',
        'Callers who had to wait for a lease, since no id was in memory.',
        this.#callersWaited,
      ),
      counter(
        'goloves_ids_wasted_total',
        'Ids dropped from memory, since their tag was changed, deleted or evicted; lost replies are not known.',
        this.#wasted,
      ),
      counter(
        'goloves_worker_ids_held_total',
        'How often a worker id was claimed.',
        this.#workersHeld,
      ),
      codeCounter(
        'goloves_worker_failures_total',
        'Attempts to hold a worker id, or to hold it for longer, that failed.',
        [{ labels: NO_LABELS, counts: this.#workerFailures }],
      ),
      gauge(
        'goloves_worker_lease_renewed_timestamp_seconds',
        'When the store last acknowledged the worker id of a layout.',
        [...this.#renewedMs].map(([layout, ms]) => ({ labels: { layout }, value: ms / 1000 })),
      ),
      codeCounter(
        'goloves_ledger_failures_total',
        'Attempts to note leases in the ledger that failed.',
        [{ labels: NO_LABELS, counts: this.#ledgerFailures }],
      ),
    ]
  }
}
