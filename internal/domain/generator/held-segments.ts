import { append, higherOf, type IdRange, overlap, sizeOf } from '../entity/id-range.ts'
import { NextIdSegmentExpiredError } from '../entity/id-segment.ts'
import { IdSegmentChain } from '../entity/id-segment-chain.ts'
import type { Segment } from '../entity/segment.ts'

/**
 * The segments that an instance holds of one tag, in the order in which they were leased.
 *
 *     in use [########......] -> [..............] -> [..............]
 *             given out      ready
 *
 * All of it is synchronous: between the look at a cursor and its move nobody else runs.
 */
export class HeldSegments {
  readonly #allowReset: boolean
  /** The segment in use; at first, and after `drop`, one without ids. */
  #head: IdSegmentChain
  #tail: IdSegmentChain
  /** The highest id of the segments that came since the last `drop`. */
  #highest: bigint
  #appended = 0n
  #dropped = 0n

  /**
   * @param allowReset Whether a segment may start below those before it, as long as it has no id of
   * one that is held.
   */
  constructor(allowReset = false) {
    this.#allowReset = allowReset
    this.#head = IdSegmentChain.newRoot(allowReset)
    this.#tail = this.#head
    this.#highest = this.#head.maxId
  }

  /**
   * The next id of the segment in use, or SEQUENCE_OVERFLOW at its end, where `take` goes on to the
   * next.
   */
  incrementAndGet(): bigint {
    return this.#head.incrementAndGet()
  }

  get inUse(): Segment {
    return this.#head.segment
  }

  get isEmpty(): boolean {
    return this.#tail.isOverflow()
  }

  /** How many ids are left. */
  get ready(): bigint {
    let ready = 0n
    for (const segment of this.#segments()) ready += segment.remaining
    return ready
  }

  /** How many ids have left so far. */
  get givenOut(): bigint {
    return this.#appended - this.#dropped - this.ready
  }

  /** The ids that are left, in the order in which they will leave. */
  get ranges(): IdRange[] {
    const ranges: IdRange[] = []
    for (const rest of this.rests) append(ranges, rest)
    return ranges
  }

  /** The same, segment by segment: each ends where a lease ended. */
  get rests(): IdRange[] {
    return [...this.#segments()].flatMap(({ rest }) => rest ?? [])
  }

  /** Exactly `count` ids, or undefined if fewer are left. */
  take(count: number): readonly IdRange[] | undefined {
    let missing = BigInt(count)
    if (this.ready < missing) return undefined
    const ranges: IdRange[] = []
    while (missing > 0n) {
      const range = this.#head.take(missing)
      if (range === undefined) {
        this.#advance()
      } else {
        missing -= sizeOf(range)
        append(ranges, range)
      }
    }
    return ranges
  }

  /**
   * @throws NextIdSegmentExpiredError unless `segment` starts at or above the last one's end; where
   * reset is allowed, unless it has ids that are held by none.
   */
  append(segment: Segment): void {
    if (segment.offset < this.#highest && !(this.#allowReset && !this.#has(segment))) {
      throw new NextIdSegmentExpiredError(this.#tail, segment)
    }
    this.#tail = this.#tail.ensureSetNext(segment)
    this.#highest = higherOf(this.#highest, segment.maxId)
    this.#appended += segment.size
  }

  /** Forgets all ids that are left. @returns How many. */
  drop(): bigint {
    const { ready } = this
    this.#dropped += ready
    this.#head = IdSegmentChain.newRoot(this.#allowReset)
    this.#tail = this.#head
    this.#highest = this.#head.maxId
    return ready
  }

  /** Whether one of its ids is held, or left the segment in use. */
  #has({ rest }: Segment): boolean {
    if (rest === undefined) return false
    return [...this.#segments()].some(({ base, max, step }) =>
      overlap({ first: base + step, last: max, step }, rest),
    )
  }

  #advance(): void {
    if (this.#head.next === undefined) throw new Error('Fewer ids are held than were counted.')
    this.#head = this.#head.next
  }

  *#segments(): Generator<Segment> {
    for (let link: IdSegmentChain | undefined = this.#head; link !== undefined; link = link.next) {
      yield link.segment
    }
  }
}
