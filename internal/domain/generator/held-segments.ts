import { append, type IdRange, sizeOf } from '../entity/id-range.ts'
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
  /** The segment in use; at first, and after `drop`, one without ids. */
  #head = IdSegmentChain.newRoot()
  #tail = this.#head
  #appended = 0n
  #dropped = 0n

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
    return [...this.#segments()]
      .filter(({ cursor, max }) => cursor < max)
      .map(({ cursor, max }) => ({ first: cursor + 1n, last: max }))
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

  /** @throws NextIdSegmentExpiredError unless `segment` starts at or above the last one's end. */
  append(segment: Segment): void {
    if (segment.offset < this.#tail.maxId) throw new NextIdSegmentExpiredError(this.#tail, segment)
    this.#tail = this.#tail.ensureSetNext(segment)
    this.#appended += segment.size
  }

  /** Forgets all ids that are left. @returns How many. */
  drop(): bigint {
    const { ready } = this
    this.#dropped += ready
    this.#head = IdSegmentChain.newRoot()
    this.#tail = this.#head
    return ready
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
