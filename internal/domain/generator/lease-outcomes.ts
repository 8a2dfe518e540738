import type { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import type { IdRange } from '../entity/id-range.ts'

/** What the store said last about a tag. */
export class LeaseOutcomes {
  #lastLease: { readonly range: IdRange; readonly atMs: number } | undefined
  #lastError: GolovesError | undefined
  #verdict: { readonly error: GolovesError; readonly untilMs: number } | undefined

  get lastLease(): { readonly range: IdRange; readonly atMs: number } | undefined {
    return this.#lastLease
  }

  /** Why the last attempt failed; undefined once one has succeeded. */
  get lastError(): GolovesError | undefined {
    return this.#lastError
  }

  /** @param atMs By the wall clock. */
  succeeded(range: IdRange, atMs: number): void {
    this.#lastLease = { range, atMs }
    this.#lastError = undefined
  }

  failed(error: GolovesError): void {
    this.#lastError = error
  }

  /** The store has spoken on the tag itself, and need not be asked again before `untilMs`. */
  judged(error: GolovesError, untilMs: number): void {
    this.#verdict = { error, untilMs }
  }

  /** What the store's verdict on the tag is, if that is still to be taken for granted. */
  verdictAt(nowMs: number): GolovesError | undefined {
    if (this.#verdict !== undefined && nowMs >= this.#verdict.untilMs) this.#verdict = undefined
    return this.#verdict?.error
  }

  /** The tag has changed: ask again. */
  forgetVerdict(): void {
    this.#verdict = undefined
  }
}
