import type { Clock } from '../../pkg/clock/clock.ts'
import type { Logger } from './logger.ts'

/** How many faults are remembered at once; the oldest is forgotten for a further one. */
const FAULTS_MAX = 1000

interface Fault {
  readonly sinceMs: number
  attempts: number
}

/** Logs when something begins to fail and when it works again, however often it fails in between. */
export class FaultLog {
  readonly #logger: Logger
  readonly #clock: Clock
  readonly #faults = new Map<string, Fault>()

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger
    this.#clock = clock
  }

  /** `what` failed: logged unless that is known already. */
  failed(what: string, error: unknown): void {
    const known = this.#faults.get(what)
    if (known !== undefined) {
      known.attempts += 1
      return
    }
    if (this.#faults.size === FAULTS_MAX) this.#forgetOldest()
    this.#faults.set(what, { sinceMs: this.#clock.monotonicMs(), attempts: 1 })
    this.#logger.warn({ what, err: error }, 'Fault begins')
  }

  /** `what` worked: logged if it failed before. */
  worked(what: string): void {
    const fault = this.#faults.get(what)
    if (fault === undefined) return
    this.#faults.delete(what)
    const lastedMs = Math.round(this.#clock.monotonicMs() - fault.sinceMs)
    this.#logger.info({ what, lastedMs, attempts: fault.attempts }, 'Fault ends')
  }

  /** Its end will not be logged; should it go on, it begins anew. */
  #forgetOldest(): void {
    const [oldest] = this.#faults.keys()
    if (oldest !== undefined) this.#faults.delete(oldest)
  }
}
