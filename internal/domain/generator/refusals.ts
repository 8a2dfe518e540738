import type { Clock } from '../../../pkg/clock/clock.ts'
import type { ErrorCode } from '../../../pkg/errors/error-code.ts'
import type { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import type { TagName } from '../entity/tag.ts'

/** Callers can make up names without end; the oldest are forgotten beyond this many. */
const REFUSALS_MAX = 10_000

const VERDICTS: ReadonlySet<ErrorCode> = new Set([
  'TAG_NOT_FOUND',
  'TAG_FROZEN',
  'TAG_OPTION_INVALID',
  'MODE_MISMATCH',
  'LAYOUT_ENDED',
  'STORE_WENT_BACKWARDS',
])

/** Whether this is what the store says of a tag, as opposed to what went wrong on the way to it. */
export function isVerdict({ code }: GolovesError): boolean {
  return VERDICTS.has(code)
}

/**
 * Tags that can't be served, remembered for a while so that asking for one again costs the store
 * nothing.
 */
export class Refusals {
  readonly #clock: Clock
  readonly #byTag = new Map<TagName, { readonly error: GolovesError; readonly untilMs: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Why the tag is refused at present, if it is. */
  of(tag: TagName): GolovesError | undefined {
    const refusal = this.#byTag.get(tag)
    if (refusal === undefined) return undefined
    if (this.#clock.monotonicMs() < refusal.untilMs) return refusal.error
    this.#byTag.delete(tag)
    return undefined
  }

  /** How many tags are refused with this code at present. */
  count(code: ErrorCode): number {
    const nowMs = this.#clock.monotonicMs()
    let count = 0
    for (const { error, untilMs } of this.#byTag.values()) {
      if (error.code === code && nowMs < untilMs) count += 1
    }
    return count
  }

  remember(tag: TagName, error: GolovesError, forMs: number): void {
    this.#byTag.delete(tag)
    this.#byTag.set(tag, { error, untilMs: this.#clock.monotonicMs() + forMs })
    for (const oldest of this.#byTag.keys()) {
      if (this.#byTag.size <= REFUSALS_MAX) return
      this.#byTag.delete(oldest)
    }
  }

  forget(tag: TagName): void {
    this.#byTag.delete(tag)
  }
}
