import { higherOf, type IdRange } from '../../internal/domain/entity/id-range.ts'

/** The ids that a call was answered with. Both times are by one monotonic clock. */
export interface Answered {
  readonly beganMs: number
  readonly endedMs: number
  /** Their steps are 1. */
  readonly ranges: readonly IdRange[]
}

/** @throws Error if an id is in two of the ranges. */
export function ensureDisjoint(ranges: readonly IdRange[]): void {
  const sorted = ranges.toSorted((one, other) => (one.first < other.first ? -1 : 1))
  for (const [index, range] of sorted.entries()) {
    const next = sorted[index + 1]
    if (next !== undefined && next.first <= range.last) {
      throw new Error(`Twice: ${range.first}..${range.last} and ${next.first}..${next.last}`)
    }
  }
}

/** @throws Error if a call that began after another one had ended did not get higher ids. */
export function ensureIncreasing(answers: readonly Answered[]): void {
  const ended = answers.toSorted((one, other) => one.endedMs - other.endedMs)
  let next = 0
  let highest = 0n
  for (const { beganMs, ranges } of answers.toSorted((one, other) => one.beganMs - other.beganMs)) {
    for (let done = ended[next]; done && done.endedMs < beganMs; done = ended[++next]) {
      highest = higherOf(highest, done.ranges.at(-1)?.last ?? 0n)
    }
    ensureAscending(ranges, highest)
  }
}

/** @throws Error if a range is not above the one before it, the first of them not above `before`. */
export function ensureAscending(ranges: readonly IdRange[], before: bigint): void {
  let highest = before
  for (const { first, last } of ranges) {
    if (first <= highest) throw new Error(`${first} came after ${highest}`)
    highest = last
  }
}
