import type { TagName } from '../entity/tag.ts'

export interface SegmentLeaseRequest {
  readonly tag: TagName
  /**
   * How many ids. The range is computed from this number, never from what the row says afterwards.
   */
  readonly size: bigint
  /**
   * The row's step as last read: a lease is refused if it has changed, so that the change is
   * noticed.
   */
  readonly knownStep: number
  /**
   * The tag's generation as last read: a lease is refused if it has changed, also where the one who
   * asks was told of the tag by a stale node.
   */
  readonly generation: bigint
  /** No id of the range may be above this. */
  readonly maxValue: bigint
}

/**
 * A range `(offset, maxId]` that the store has committed to the caller and will give to nobody
 * else.
 */
export interface SegmentLease {
  readonly offset: bigint
  readonly maxId: bigint
}

/** Leases ranges of ids, each exactly once, to all processes that share the store. */
export abstract class SegmentRepository {
  /**
   * Leases the next `size` ids in one statement that is harmless if it is executed twice.
   *
   * Once `signal` is aborted nobody takes the result any more: the connection is destroyed and the
   * outcome is unknown, so whatever the statement may have leased is spent.
   *
   * @returns undefined if no row matched: no such tag, another step or generation by now, or fewer
   * than `size` ids left. That is a hint only (a stale node says the same); `TagRepository.confirm` tells
   * which.
   * @throws GolovesError STORE_UNAVAILABLE when the store fails in a way that may pass; the outcome
   * is unknown.
   */
  abstract lease(
    request: SegmentLeaseRequest,
    signal: AbortSignal,
  ): Promise<SegmentLease | undefined>
}
