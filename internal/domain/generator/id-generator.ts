import type { IdRange } from '../entity/id-range.ts'
import type { Caller } from './caller.ts'

/**
 * Hands out the ids of one tag, each exactly once, strictly increasing in the order in which they
 * are taken.
 */
export abstract class IdGenerator {
  /**
   * The next id: at once while one is in memory, else a promise of it.
   *
   * @throws GolovesError (or rejects with one) when there is no id before the caller's deadline:
   * STORE_UNAVAILABLE, DEADLINE_EXCEEDED, OVERLOADED, TAG_EXHAUSTED, TAG_FROZEN, TAG_NOT_FOUND,
   * TAG_OPTION_INVALID, STORE_WENT_BACKWARDS or SHUTTING_DOWN.
   */
  abstract next(caller: Caller): bigint | Promise<bigint>

  /**
   * Exactly `count` ids as ascending ranges, all or nothing; its cost does not grow with `count`.
   * Fails as `next` does.
   */
  abstract take(count: number, caller: Caller): readonly IdRange[] | Promise<readonly IdRange[]>
}
