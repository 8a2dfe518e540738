/** A run of ids at one distance from each other, both ends inclusive: `first <= last`. */
export interface IdRange {
  readonly first: bigint
  readonly last: bigint
  /** The distance between two ids that follow each other; 1 unless given. */
  readonly step?: bigint
}

export function sizeOf({ first, last, step = 1n }: IdRange): bigint {
  return (last - first) / step + 1n
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

/** Whether some id is in both. (Of ranges whose steps differ, this may be said where none is.) */
export function overlap(one: IdRange, other: IdRange): boolean {
  if (one.first > other.last || other.first > one.last) return false
  const step = greatestCommonDivisor(distanceIn(one), distanceIn(other))
  return step === 0n || (one.first - other.first) % step === 0n
}

/** The step of a range; 0 where it is one id, which stands at no distance. */
function distanceIn({ first, last, step = 1n }: IdRange): bigint {
  return first === last ? 0n : step
}

function greatestCommonDivisor(one: bigint, other: bigint): bigint {
  return other === 0n ? one : greatestCommonDivisor(other, one % other)
}

/** Adds a range at the end; one that goes on where the last one ends is joined with it. */
export function append(ranges: IdRange[], range: IdRange): void {
  const last = ranges.at(-1)
  const step = range.step ?? 1n
  if (last !== undefined && last.step === range.step && last.last + step === range.first) {
    ranges[ranges.length - 1] = { ...range, first: last.first }
  } else {
    ranges.push(range)
  }
}
