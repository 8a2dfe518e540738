import type { Random } from '../../../pkg/async/backoff.ts'
import { WorkLoop } from '../../../pkg/async/work-loop.ts'
import type { Clock } from '../../../pkg/clock/clock.ts'
import { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import type { IdRange } from '../entity/id-range.ts'
import type { TagName } from '../entity/tag.ts'
import type { GeneratorObserver } from './generator-observer.ts'
import type { LedgerRepository } from './ledger-repository.ts'

/** So many leases wait for a store that is away; no instance makes as many meanwhile. */
const WAITING_MAX = 10_000
/** So many are written at once, which even a slow store does in its time. */
const BATCH = 500
const CLOSE_MAX_MS = 2_000
const BACKOFF_MAX_MS = 10_000

export interface LedgerOptions {
  readonly repository: LedgerRepository
  readonly clock: Clock
  readonly random: Random
  readonly observer: GeneratorObserver
}

interface Lease {
  readonly tag: TagName
  readonly range: IdRange
  /** On the monotonic clock. */
  readonly madeMs: number
}

/**
 * Writes down who leased which ids, behind the back of those who wait for them: a ledger that can't be
 * written neither fails nor repeats nor delays a lease.
 *
 * While the store is away, leases wait, 10,000 at most. What the store refuses for a reason that does
 * not pass is given up at once: it would be in the way of all that comes after it. The observer is told
 * of every failed attempt.
 */
export class Ledger {
  readonly #options: LedgerOptions
  readonly #loop: WorkLoop
  #waiting: Lease[] = []

  constructor(options: LedgerOptions) {
    this.#options = options
    this.#loop = new WorkLoop({
      work: () => this.#write(),
      backoffMaxMs: () => BACKOFF_MAX_MS,
      clock: options.clock,
      random: options.random,
    })
  }

  /** Notes a lease that was made just now, and returns at once. Of too many, the oldest is forgotten. */
  note(tag: TagName, range: IdRange): void {
    if (this.#waiting.length >= WAITING_MAX) this.#waiting.shift()
    this.#waiting.push({ tag, range, madeMs: this.#options.clock.monotonicMs() })
    this.#loop.start()
  }

  /** Writes what is left, unless that takes longer than two seconds, and stops. Never rejects. */
  async close(): Promise<void> {
    const { clock } = this.#options
    this.#loop.stop()
    const endMs = clock.monotonicMs() + CLOSE_MAX_MS
    // Of a failure, the observer was told.
    const writeSome = () => this.#write().catch(() => false)
    let isMore = this.#waiting.length > 0
    while (isMore && clock.monotonicMs() < endMs) isMore = await writeSome()
  }

  /** Writes some of what waits. @returns Whether there is more. */
  async #write(): Promise<boolean> {
    const { repository, clock, observer } = this.#options
    const leases = new Set(this.#waiting.slice(0, BATCH))
    const nowMs = clock.monotonicMs()
    try {
      await repository.append(
        [...leases].map(({ tag, range, madeMs }) => ({ tag, range, ageMs: nowMs - madeMs })),
      )
      observer.ledgerWritten()
    } catch (thrown) {
      const error = GolovesError.from(thrown)
      observer.ledgerFailed(error)
      if (error.code === 'STORE_UNAVAILABLE') throw error
    }
    this.#waiting = this.#waiting.filter((lease) => !leases.has(lease))
    return this.#waiting.length > 0
  }
}
