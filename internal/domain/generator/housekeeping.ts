import type { Random } from '../../../pkg/async/backoff.ts'
import type { Clock } from '../../../pkg/clock/clock.ts'
import { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import type { GeneratorObserver } from './generator-observer.ts'
import type { LedgerRepository } from './ledger-repository.ts'
import type { RestRepository } from './rest-repository.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** A rest is taken by the instance that starts next, or not at all. */
const RESTS_KEPT_MS = DAY_MS
/** In one round. Each removes some hundreds of rows: in all more than an instance writes in an hour. */
const PRUNES_MAX = 1_000

export interface HousekeepingOptions {
  readonly rests: RestRepository
  readonly ledger: LedgerRepository
  /** Ledger entries are kept for so many days. */
  readonly ledgerDays: number
  readonly clock: Clock
  readonly random: Random
  readonly observer: GeneratorObserver
}

/** Removes what is too old from the store, about once an hour; every instance does it, at its own time. */
export class Housekeeping {
  readonly #options: HousekeepingOptions
  #callOff = (): void => {}
  #isOver = false

  constructor(options: HousekeepingOptions) {
    this.#options = options
  }

  /** Begins within the hour, until `stop`. */
  start(): void {
    const { clock, random } = this.#options
    if (this.#isOver) return
    this.#callOff = clock.after(random() * HOUR_MS, () => {
      void this.clean().finally(() => this.start())
    })
  }

  /** A round that is under way ends with what it is doing. */
  stop(): void {
    this.#isOver = true
    this.#callOff()
  }

  /** One round. Never rejects: what fails is done in a later one. */
  async clean(): Promise<void> {
    const { rests, ledger, ledgerDays, observer } = this.#options
    try {
      await this.#repeat(() => rests.prune(RESTS_KEPT_MS))
      await this.#repeat(() => ledger.prune(ledgerDays * DAY_MS))
    } catch (thrown) {
      observer.storeFailed(GolovesError.from(thrown))
    }
  }

  async #repeat(prune: () => Promise<boolean>): Promise<void> {
    for (let prunes = 0; prunes < PRUNES_MAX && !this.#isOver; prunes += 1) {
      if (!(await prune())) return
    }
  }
}
