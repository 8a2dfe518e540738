import { Segment, type SegmentOptions } from './segment.ts'

/**
 * One lease that stands for several segments of equal size: one statement to the store instead of
 * n.
 */
export class MergedIdSegment extends Segment {
  /** How many segments were merged. */
  readonly segments: number

  /** @throws RangeError unless `segments` is a positive whole number. */
  constructor(options: SegmentOptions & { readonly segments: number }) {
    super(options)
    if (!Number.isSafeInteger(options.segments) || options.segments < 1) {
      throw new RangeError(`${options.segments} segments can't be merged.`)
    }
    this.segments = options.segments
  }

  /** How many ids one of the merged segments has (CosId's `singleStep`). */
  get singleSize(): bigint {
    return this.size / BigInt(this.segments)
  }
}
