import type {
  SegmentLease,
  SegmentLeaseRequest,
} from '../../domain/generator/segment-repository.ts'

/**
 * The highest `max_id` that a row may have for the lease to fit below the cap. Negative if the cap
 * is smaller than the size, so that no row matches. Computed here, because databases overflow.
 *
 * @throws RangeError for a size below 1, which would move the row backwards.
 */
export function highestOffset({ size, maxValue }: SegmentLeaseRequest): bigint {
  if (size < 1n) throw new RangeError(`a lease of ${size} ids`)
  return maxValue - size
}

/**
 * The range that ends at `maxId`, which the store says is the row's new value. Its size is what was
 * asked for, whatever the row says about its step.
 *
 * @returns undefined if the store cannot have meant it: such a range is spent.
 */
export function leaseOf(
  maxId: bigint,
  { size, maxValue }: SegmentLeaseRequest,
): SegmentLease | undefined {
  if (maxId < size || maxId > maxValue) return undefined
  return { offset: maxId - size, maxId }
}
