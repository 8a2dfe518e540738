import type { Group } from './grouped.ts'
import type { IdRange } from './id-range.ts'
import { IdSegment } from './id-segment.ts'
import { overflowSegment, type Segment } from './segment.ts'

const ROOT_VERSION = -1

/**
 * A segment and, once it is known, the one after it. After CosId's `IdSegmentChain`.
 *
 *     root (-1, no ids) -> version 0 (1, 1001] -> version 1 (1001, 3001] -> not yet leased
 *
 * 1. `next` is set at most once.
 * 2. Unless reset is allowed, offsets rise along the chain.
 */
export class IdSegmentChain extends IdSegment {
  /** Counts the segments of the chain: the root has -1, the first real segment 0. */
  readonly version: number
  readonly allowReset: boolean
  readonly #segment: Segment
  #next: IdSegmentChain | undefined

  private constructor(version: number, segment: Segment, allowReset: boolean) {
    super()
    this.version = version
    this.allowReset = allowReset
    this.#segment = segment
  }

  /** The start of a chain: it holds no id. With `allowReset` a later segment may start lower. */
  static newRoot(allowReset = false): IdSegmentChain {
    return new IdSegmentChain(ROOT_VERSION, overflowSegment(), allowReset)
  }

  /** A chain link for `segment`, to be set as this one's next. */
  link(segment: Segment): IdSegmentChain {
    return new IdSegmentChain(this.version + 1, segment, this.allowReset)
  }

  get segment(): Segment {
    return this.#segment
  }

  get next(): IdSegmentChain | undefined {
    return this.#next
  }

  /**
   * Sets the next link from `make`, unless there is one already; then `make` is not called.
   *
   * @returns Whether it was set.
   * @throws NextIdSegmentExpiredError if the new link does not start above this one.
   */
  trySetNext(make: (current: IdSegmentChain) => IdSegmentChain): boolean {
    if (this.#next !== undefined) return false
    this.setNext(make(this))
    return true
  }

  /**
   * @throws NextIdSegmentExpiredError if `next` does not start above this one and reset is not
   * allowed.
   * @throws Error if the next link is set already.
   */
  setNext(next: IdSegmentChain): void {
    if (this.#next !== undefined) throw new Error('A chain link has one successor for life.')
    if (!this.allowReset) this.ensureNextIdSegment(next)
    this.#next = next
  }

  /** Appends a link for `segment` behind the last one. @returns The new end of the chain. */
  ensureSetNext(segment: Segment): IdSegmentChain {
    let tail: IdSegmentChain = this
    while (tail.#next !== undefined) tail = tail.#next
    const link = tail.link(segment)
    tail.setNext(link)
    return link
  }

  /**
   * How many whole segments of `size` ids lie between what this link gave last and the end of
   * `end`.
   */
  gap(end: IdSegmentChain, size: bigint): bigint {
    return (end.maxId - this.#segment.cursor) / size
  }

  override get group(): Group {
    return this.#segment.group
  }

  get offset(): bigint {
    return this.#segment.offset
  }

  get maxId(): bigint {
    return this.#segment.maxId
  }

  get sequence(): bigint {
    return this.#segment.sequence
  }

  get step(): bigint {
    return this.#segment.step
  }

  get fetchTime(): number {
    return this.#segment.fetchTime
  }

  get ttl(): number {
    return this.#segment.ttl
  }

  incrementAndGet(): bigint {
    return this.#segment.incrementAndGet()
  }

  /** As `Segment.take`. */
  take(count: bigint): IdRange | undefined {
    return this.#segment.take(count)
  }

  isExpired(): boolean {
    return this.#segment.isExpired()
  }
}
