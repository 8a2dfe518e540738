import type { Random } from '../../../pkg/async/backoff.ts'
import { WorkLoop } from '../../../pkg/async/work-loop.ts'
import type { Clock } from '../../../pkg/clock/clock.ts'
import { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import type { IdRange } from '../entity/id-range.ts'
import type { TagName } from '../entity/tag.ts'
import type { GeneratorObserver } from './generator-observer.ts'
import type { LedgerEntry, LedgerRepository } from './ledger-repository.ts'

/** So many entries wait for a store that is away; no instance leases as often as that meanwhile. */
const ENTRIES_MAX = 10_000
const BATCH = 500
const BACKOFF_MAX_MS = 10_000

export interface LedgerOptions {
  readonly repository: LedgerRepository
  readonly clock: Clock
  readonly random: Random
  readonly observer: GeneratorObserver
}

/**
 * Writes down who leased which ids, behind the back of those who wait for them: a ledger that can't be
 * written neither fails nor repeats nor delays a lease.
 */
export class Ledger {
  readonly #options: LedgerOptions
  readonly #loop: WorkLoop
  #waiting: LedgerEntry[] = []

  constructor(options: LedgerOptions) {
    this.#options = options
    this.#loop = new WorkLoop({
      work: () => this.#writeSome(),
      backoffMaxMs: () => BACKOFF_MAX_MS,
      clock: options.clock,
      random: options.random,
    })
  }

  /** Notes a lease and returns at once. Where 10,000 wait already, the oldest is forgotten. */
  note(tag: TagName, range: IdRange): void {
    if (this.#waiting.length >= ENTRIES_MAX) this.#waiting.shift()
    this.#waiting.push({ tag, range })
    this.#loop.start()
  }

  /** Writes what is left, in one attempt, and stops. Never rejects. */
  async close(): Promise<void> {
    this.#loop.stop()
    try {
      while (this.#waiting.length > 0) await this.#writeSome()
    } catch {
      // The observer was told.
    }
  }

  /** @returns Whether there is more. */
  async #writeSome(): Promise<boolean> {
    const { repository, observer } = this.#options
    const batch = this.#waiting.slice(0, BATCH)
    try {
      await repository.append(batch)
    } catch (thrown) {
      observer.ledgerFailed(GolovesError.from(thrown))
      throw thrown
    }
    observer.ledgerWritten()
    const written = new Set(batch)
    this.#waiting = this.#waiting.filter((entry) => !written.has(entry))
    return this.#waiting.length > 0
  }
}
