import type { Clock } from '../../../pkg/clock/clock.ts'
import type { IdRange } from './id-range.ts'
import { IdSegment, SEQUENCE_OVERFLOW, TIME_TO_LIVE_FOREVER } from './id-segment.ts'
import { MAX_ID } from './tag.ts'

/** The part of a clock that a segment asks, and only if it can expire. */
export type MonotonicClock = Pick<Clock, 'monotonicMs'>

export interface SegmentOptions {
  /** The id before the first. */
  readonly offset: bigint
  /** The last id, inclusive. */
  readonly maxId: bigint
  /** The distance between two consecutive ids; 1 unless given. The offset is that far below the first. */
  readonly step?: bigint
  /** Seconds on the monotonic clock. */
  readonly fetchTime?: number
  /** Seconds; for ever unless given, and then `clock` is needed. */
  readonly ttl?: number
  readonly clock?: MonotonicClock
}

const CURSOR = 0
const MAX = 1
const STEP = 2

/**
 * One leased range of ids and the cursor that walks through it (Leaf's `Segment`, CosId's
 * `DefaultIdSegment`).
 *
 *      base                 cursor                 max
 *       |  given out already  |  remaining          |
 *       (---------------------]---------------------]
 *
 * 1. `base <= cursor <= max`.
 * 2. The cursor only moves up, and every id it moves over has left exactly once.
 *
 * Both follow from the two methods that move the cursor: each reads it, checks the end and writes
 * it in one synchronous step, with no `await` in which another caller could read the same value.
 *
 * Cursor, max and step live in a `BigInt64Array`: V8 adds and compares such cells as machine words, while
 * a bigint in a field is a new heap object for every id.
 */
export class Segment extends IdSegment {
  readonly #cells: BigInt64Array
  readonly #clock: MonotonicClock | undefined
  readonly base: bigint
  readonly fetchTime: number
  readonly ttl: number

  /** @throws RangeError if `ttl` is not positive, or the range is upside down or not whole steps. */
  constructor(options: SegmentOptions) {
    super()
    const { offset, maxId, step = 1n, fetchTime = 0, ttl = TIME_TO_LIVE_FOREVER, clock } = options
    if (!(ttl > 0)) throw new RangeError(`ttl:[${ttl}] must be greater than 0.`)
    if (ttl !== TIME_TO_LIVE_FOREVER && clock === undefined) {
      throw new RangeError('A segment that expires needs a clock.')
    }
    if (offset > maxId || maxId > MAX_ID) throw new RangeError(`(${offset}, ${maxId}] is no range.`)
    if (step < 1n || (maxId - offset) % step !== 0n) {
      throw new RangeError(`(${offset}, ${maxId}] has no steps of ${step}.`)
    }
    this.#cells = BigInt64Array.of(offset, maxId, step)
    this.#clock = clock
    this.base = offset
    this.fetchTime = fetchTime
    this.ttl = ttl
  }

  get offset(): bigint {
    return this.base
  }

  get max(): bigint {
    return this.#cell(MAX)
  }

  get maxId(): bigint {
    return this.max
  }

  /**
   * The last id given, `base` before the first. Unlike `sequence` it keeps its value at the end.
   */
  get cursor(): bigint {
    return this.#cell(CURSOR)
  }

  get sequence(): bigint {
    return this.cursor < this.max ? this.cursor : SEQUENCE_OVERFLOW
  }

  get step(): bigint {
    return this.#cell(STEP)
  }

  /** How many ids were leased. */
  get size(): bigint {
    return (this.max - this.base) / this.step
  }

  /** How many ids are left. */
  get remaining(): bigint {
    return (this.max - this.cursor) / this.step
  }

  incrementAndGet(): bigint {
    // The end is checked before the addition, so that a segment up to 2^63-1 can't wrap.
    if (this.#cell(CURSOR) >= this.#cell(MAX)) return SEQUENCE_OVERFLOW
    const id = BigInt.asIntN(64, this.#cell(CURSOR) + this.#cell(STEP))
    this.#cells[CURSOR] = id
    return id
  }

  /** The next `count` ids or, where fewer are left, all of those; undefined where none is. */
  take(count: bigint): IdRange | undefined {
    if (count <= 0n) throw new RangeError(`Can't take ${count} ids.`)
    const { cursor, step, remaining } = this
    const taken = count < remaining ? count : remaining
    if (taken === 0n) return undefined
    const last = cursor + taken * step
    this.#cells[CURSOR] = last
    return rangeOf(cursor, last, step)
  }

  /** The ids that are left; undefined where none is. */
  get rest(): IdRange | undefined {
    const { cursor, max, step } = this
    return cursor < max ? rangeOf(cursor, max, step) : undefined
  }

  isExpired(): boolean {
    if (this.ttl === TIME_TO_LIVE_FOREVER || this.#clock === undefined) return false
    return this.#clock.monotonicMs() / 1000 - this.fetchTime > this.ttl
  }

  /**
   * All three always exist, which the type of an array can't say; without a cursor nothing would
   * be left.
   */
  #cell(index: typeof CURSOR | typeof MAX | typeof STEP): bigint {
    return this.#cells[index] ?? MAX_ID
  }
}

/** The ids `(offset, last]`; a range of step 1 need not say so. */
function rangeOf(offset: bigint, last: bigint, step: bigint): IdRange {
  const first = offset + step
  return step === 1n ? { first, last } : { first, last, step }
}

/** A segment that never had an id: where a chain begins. */
export function overflowSegment(): Segment {
  return new Segment({ offset: SEQUENCE_OVERFLOW, maxId: SEQUENCE_OVERFLOW })
}
