import { type IdRange, sizeOf } from '../../internal/domain/entity/id-range.ts'

/** How many ids the ranges hold together. */
export function countOf(ranges: readonly IdRange[]): bigint {
  return ranges.reduce((sum, range) => sum + sizeOf(range), 0n)
}
