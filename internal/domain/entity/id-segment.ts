import { type Group, type Grouped, NEVER_GROUPED, sameGroup } from './grouped.ts'

/**
 * What `incrementAndGet` answers when a segment has no id left. It is not an id and never leaves
 * the domain.
 */
export const SEQUENCE_OVERFLOW = -1n

/** The time to live, in seconds, of a segment that never expires. */
export const TIME_TO_LIVE_FOREVER = Number.MAX_SAFE_INTEGER

/**
 * A range of ids, `(offset, maxId]`, leased to one instance, which hands them out one by one.
 * After CosId's `IdSegment`.
 *
 * Every method runs to its end without giving way, so that no two callers can meet inside one.
 */
export abstract class IdSegment implements Grouped {
  /** The id before the first. */
  abstract readonly offset: bigint
  /** The last id, inclusive. */
  abstract readonly maxId: bigint
  /** The last id given; `offset` before the first; `SEQUENCE_OVERFLOW` once none is left. */
  abstract readonly sequence: bigint
  /**
   * The distance between two consecutive ids of this segment. Not `leaf_alloc.step`, which is a
   * length.
   */
  abstract readonly step: bigint
  /** When the lease was asked for, in seconds on the monotonic clock. */
  abstract readonly fetchTime: number
  /** How many seconds after `fetchTime` the ids may still leave. */
  abstract readonly ttl: number

  /** The next id, or `SEQUENCE_OVERFLOW`, from then on for ever, when there is none. */
  abstract incrementAndGet(): bigint

  /** Whether it is older than its `ttl`. A segment that lives forever never asks the clock. */
  abstract isExpired(): boolean

  get group(): Group {
    return NEVER_GROUPED
  }

  /** Whether no id is left; with `nextSequence`, whether that value lies past the last id. */
  isOverflow(nextSequence: bigint = this.sequence): boolean {
    return nextSequence === SEQUENCE_OVERFLOW || nextSequence > this.maxId
  }

  isAvailable(): boolean {
    return !this.isExpired() && !this.isOverflow()
  }

  /** -1, 0 or 1 as this offset is lower than, equal to or higher than the other's. */
  compareTo(other: IdSegment): number {
    if (this.offset === other.offset) return 0
    return this.offset > other.offset ? 1 : -1
  }

  /**
   * Offsets are compared within one group only: a new period may start again at the bottom.
   *
   * @throws NextIdSegmentExpiredError unless `next` starts above this segment's offset.
   */
  ensureNextIdSegment(next: IdSegment): void {
    if (sameGroup(this, next) && this.compareTo(next) >= 0) {
      throw new NextIdSegmentExpiredError(this, next)
    }
  }
}

/**
 * A segment arrived behind one that it should have preceded: the store went backwards, or a reply
 * came late.
 */
export class NextIdSegmentExpiredError extends Error {
  override readonly name = 'NextIdSegmentExpiredError'
  readonly current: IdSegment
  readonly next: IdSegment

  constructor(current: IdSegment, next: IdSegment) {
    super(
      `The next segment (${next.offset}, ${next.maxId}] does not start above ` +
        `the current one (${current.offset}, ${current.maxId}].`,
    )
    this.current = current
    this.next = next
  }
}
