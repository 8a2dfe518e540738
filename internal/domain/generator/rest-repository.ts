import type { IdRange } from '../entity/id-range.ts'
import type { Tag, TagName } from '../entity/tag.ts'
import type { SegmentLease } from './segment-repository.ts'

/** Ids that were leased and never left: what an instance had in memory when it stopped. */
export interface Rest {
  readonly tag: TagName
  /** The end of one lease, so that its last id names the lease for good. */
  readonly range: IdRange
  /** Of the tag when they were leased. Under another one nobody may take them. */
  readonly generation: bigint
}

/**
 * What instances gave back when they stopped, for others to hand out.
 *
 * 1. A rest is given to one taker only.
 * 2. Every statement is harmless when it is executed twice, with any others in between, until the
 *    row is pruned: a rest that was taken is marked, and its row goes only by age.
 *
 * Every method throws GolovesError STORE_UNAVAILABLE when the store fails in a way that may pass;
 * what happened is unknown then.
 */
export abstract class RestRepository {
  /** Only once nothing of the rests can leave any more. Ends after two seconds at most. */
  abstract giveBack(rests: readonly Rest[]): Promise<void>

  /**
   * Takes the lowest rest of the tag and its generation that lies above `above`. Once `signal` is
   * aborted nobody takes the result any more, and what it may have taken is spent.
   *
   * @returns undefined if there is none, others were faster, or the tag has another generation by now.
   */
  abstract take(tag: Tag, above: bigint, signal: AbortSignal): Promise<SegmentLease | undefined>

  /**
   * Removes some of what was given back longer ago than that, taken or not. Ends after two seconds at
   * most.
   *
   * @returns Whether there may be more.
   */
  abstract prune(ageMs: number): Promise<boolean>
}
