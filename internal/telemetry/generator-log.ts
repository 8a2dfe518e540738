import type { GolovesError } from '../../pkg/errors/goloves-error.ts'
import type { IdRange } from '../domain/entity/id-range.ts'
import type { TagName } from '../domain/entity/tag.ts'
import { GeneratorObserver } from '../domain/generator/generator-observer.ts'
import type { WorkerHolder } from '../domain/generator/worker-repository.ts'
import type { FaultLog } from './fault-log.ts'
import type { Logger } from './logger.ts'

const STORE = 'store'

/** Writes to the log what happens to the tags of an instance. */
export class GeneratorLog extends GeneratorObserver {
  readonly #logger: Logger
  readonly #faults: FaultLog

  constructor(logger: Logger, faults: FaultLog) {
    super()
    this.#logger = logger
    this.#faults = faults
  }

  leased(tag: TagName, { first, last }: IdRange, tookMs: number): void {
    if (!this.#logger.isLevelEnabled('debug')) return
    this.#logger.debug({ tag, first: String(first), last: String(last), tookMs }, 'Leased')
  }

  failed(tag: TagName, error: GolovesError): void {
    this.#failed(`tag ${tag}`, error)
  }

  recovered(tag: TagName): void {
    this.#worked(`tag ${tag}`)
  }

  // Counted only: under a load that is too much for the store, these are thousands.
  callerWaits(): void {}

  retired(): void {}

  storeFailed(error: GolovesError): void {
    this.#faults.failed(STORE, error)
  }

  storeAnswered(): void {
    this.#faults.worked(STORE)
  }

  dropped(tag: TagName, ids: bigint, why: string): void {
    if (!this.#logger.isLevelEnabled('debug')) return
    this.#logger.debug({ tag, ids: String(ids), why }, 'Dropped ids')
  }

  ledgerFailed(error: GolovesError): void {
    this.#failed('ledger', error)
  }

  ledgerWritten(): void {
    this.#worked('ledger')
  }

  workerHeld({ pool, worker, epoch }: WorkerHolder): void {
    this.#logger.info({ layout: pool, worker, epoch: String(epoch) }, 'Worker id held')
  }

  workerFailed(layout: string, error: GolovesError): void {
    this.#failed(`worker id of ${layout}`, error)
  }

  workerRecovered(layout: string): void {
    this.#worked(`worker id of ${layout}`)
  }

  /** A store that is away fails all that needs it: that is one fault, not one for each. */
  #failed(what: string, error: GolovesError): void {
    this.#faults.failed(error.code === 'STORE_UNAVAILABLE' ? STORE : what, error)
  }

  #worked(what: string): void {
    this.#faults.worked(STORE)
    this.#faults.worked(what)
  }
}
