import { SEQUENCE_OVERFLOW } from '../../../internal/domain/entity/id-segment.ts'
import { Segment } from '../../../internal/domain/entity/segment.ts'
import type { Tag } from '../../../internal/domain/entity/tag.ts'
import type { SegmentRepository } from '../../../internal/domain/generator/segment-repository.ts'

/** What people write first: one segment, and when it is empty everybody waits for the next. */
export class NaiveSegment {
  readonly #tag: Tag
  readonly #segments: SegmentRepository
  #segment: Segment | undefined
  #lease: Promise<void> | undefined

  constructor(tag: Tag, segments: SegmentRepository) {
    this.#tag = tag
    this.#segments = segments
  }

  next(): bigint | Promise<bigint> {
    const id = this.#segment?.incrementAndGet() ?? SEQUENCE_OVERFLOW
    return id === SEQUENCE_OVERFLOW ? this.#nextOfNew() : id
  }

  async #nextOfNew(): Promise<bigint> {
    for (;;) {
      this.#lease ??= this.#leaseOnce()
      await this.#lease
      const id = this.#segment?.incrementAndGet() ?? SEQUENCE_OVERFLOW
      if (id !== SEQUENCE_OVERFLOW) return id
    }
  }

  async #leaseOnce(): Promise<void> {
    const { name: tag, step: knownStep, generation, maxValue } = this.#tag
    const request = { tag, size: BigInt(knownStep), knownStep, generation, maxValue }
    const lease = await this.#segments.lease(request, new AbortController().signal)
    if (lease === undefined) throw new Error('There is no such row.')
    this.#segment = new Segment(lease)
    this.#lease = undefined
  }
}
