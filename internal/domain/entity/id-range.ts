/** A run of consecutive ids, both ends inclusive: `first <= last`. */
export interface IdRange {
  readonly first: bigint
  readonly last: bigint
}

/** How many ids the ranges hold together. */
export function countOf(ranges: readonly IdRange[]): bigint {
  return ranges.reduce((sum, { first, last }) => sum + last - first + 1n, 0n)
}
