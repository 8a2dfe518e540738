/** A run of consecutive ids, both ends inclusive: `first <= last`. */
export interface IdRange {
  readonly first: bigint
  readonly last: bigint
}

export function sizeOf({ first, last }: IdRange): bigint {
  return last - first + 1n
}

/** The first id. @throws RangeError if there is none. */
export function firstOf([range]: readonly IdRange[]): bigint {
  if (range === undefined) throw new RangeError('No range, no first id.')
  return range.first
}

/** The higher of two ids. */
export function higherOf(one: bigint, other: bigint): bigint {
  return one > other ? one : other
}
