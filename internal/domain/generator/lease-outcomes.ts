import type { ErrorCode } from '../../../pkg/errors/error-code.ts'
import type { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import { type IdRange, sizeOf } from '../entity/id-range.ts'

const DISOWNING: ReadonlySet<ErrorCode> = new Set([
  'TAG_NOT_FOUND',
  'TAG_FROZEN',
  'STORE_WENT_BACKWARDS',
])

/** Whether after this verdict the ids in memory may be somebody else's. */
export function disowns({ code }: GolovesError): boolean {
  return DISOWNING.has(code)
}

/** The range of a lease, and when it was made, in milliseconds since 1970. */
export interface LastLease {
  readonly range: IdRange
  readonly atMs: number
}

/** What the store said last about a tag. */
export class LeaseOutcomes {
  #lastLease: LastLease | undefined
  #lastError: GolovesError | undefined
  #verdict: { readonly error: GolovesError; readonly untilMs: number } | undefined

  get lastLease(): LastLease | undefined {
    return this.#lastLease
  }

  /** How many ids that was; 0 before the first. */
  get lastLeaseSize(): number {
    return this.#lastLease === undefined ? 0 : Number(sizeOf(this.#lastLease.range))
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
