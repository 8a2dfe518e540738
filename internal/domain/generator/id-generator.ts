import type { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import type { IdRange } from '../entity/id-range.ts'
import type { Tag } from '../entity/tag.ts'
import type { Caller } from './caller.ts'
import type { GeneratorState } from './generator-state.ts'

/**
 * Hands out the ids of one tag, each exactly once, strictly increasing in the order in which they
 * are taken.
 */
export abstract class IdGenerator {
  /** The tag as it was last read. */
  abstract readonly tag: Tag

  /** Whether nobody waits for it and nothing of it is under way, so that it can be closed. */
  abstract readonly isIdle: boolean

  /** Whether an id could leave at once, also without the store. */
  abstract readonly hasIds: boolean

  /** How many ids have left so far. */
  abstract readonly givenOut: bigint

  /**
   * The next id: at once while one can leave, else a promise of it.
   *
   * @throws GolovesError (or rejects with one) when there is no id before the caller's deadline:
   * STORE_UNAVAILABLE, DEADLINE_EXCEEDED, OVERLOADED, TAG_FROZEN, TAG_NOT_FOUND, TAG_OPTION_INVALID
   * or SHUTTING_DOWN; of a segment tag also TAG_EXHAUSTED, MODE_MISMATCH or STORE_WENT_BACKWARDS; of a snowflake tag
   * also CLOCK_MOVED_BACKWARDS, WORKER_LEASE_LOST, WORKER_POOL_EXHAUSTED or LAYOUT_ENDED.
   */
  abstract next(caller: Caller): bigint | Promise<bigint>

  /** Exactly `count` ids as ascending ranges, all or nothing. Fails as `next` does. */
  abstract take(count: number, caller: Caller): readonly IdRange[] | Promise<readonly IdRange[]>

  /** Takes over the tag as it was read or changed since. */
  abstract know(tag: Tag): void

  /** What it holds at this moment. */
  abstract state(): GeneratorState

  /**
   * Stops for good, in one synchronous step: whoever waits, and whoever asks later, is told `error`.
   *
   * @returns The ids in memory, of which none will leave from here, lease by lease.
   */
  abstract close(error: GolovesError): readonly IdRange[]
}
