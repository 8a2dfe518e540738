/** The middle of some figures, and the range that their true middle lies in. */
export interface Spread {
  readonly median: number
  /** With 95 % certainty the true median lies between these two: for 9 figures the second and the eighth. */
  readonly low: number
  readonly high: number
}

/** What a ratio has to be. */
export type Bar = { readonly atLeast: number } | { readonly atMost: number }

export type Verdict = 'passes' | 'falls short' | 'no verdict'

/** Fewer figures than that say too little. */
export const ROUNDS_MIN = 9
const DOUBT = 0.05

/**
 * The bounds are figures themselves, counted in from both ends (order statistics), so nothing is
 * assumed about how the figures are distributed.
 *
 * @throws Error if there are fewer than ROUNDS_MIN.
 */
export function spreadOf(figures: readonly number[]): Spread {
  if (figures.length < ROUNDS_MIN) throw new Error(`${figures.length} figures are too few.`)
  const sorted = figures.toSorted((one, other) => one - other)
  const outside = outsideEachEnd(sorted.length)
  const at = (index: number) => sorted.at(index) ?? Number.NaN
  const half = sorted.length / 2
  return {
    median: (at(Math.ceil(half) - 1) + at(Math.floor(half))) / 2,
    low: at(outside),
    high: at(-1 - outside),
  }
}

/** Ours by the other's, round by round. @throws Error if one of them has more rounds. */
export function ratiosOf(ours: readonly number[], other: readonly number[]): number[] {
  if (ours.length !== other.length) throw new Error('A figure has no other beside it.')
  return ours.map((figure, round) => figure / (other[round] ?? Number.NaN))
}

/**
 * How far from 1 the median of such ratios may be although nothing differs, as a share of 1.
 *
 * @param ratios Of something beside itself.
 */
export function resolutionOf(ratios: readonly number[]): number {
  const { low, high } = spreadOf(ratios)
  return Math.max(Math.abs(low - 1), Math.abs(high - 1))
}

/**
 * Whether ratios clear a bar. There is no verdict if their median is closer to it than the
 * resolution, or if their own spread reaches across it.
 *
 * @param resolution As of `resolutionOf`; here a share of the bar.
 */
export function verdictOf(ratios: readonly number[], bar: Bar, resolution: number): Verdict {
  const { median, low, high } = spreadOf(ratios)
  const isFloor = 'atLeast' in bar
  const limit = isFloor ? bar.atLeast : bar.atMost
  if (Math.abs(median / limit - 1) < resolution) return 'no verdict'
  if (low < limit && limit < high) return 'no verdict'
  return isFloor === median >= limit ? 'passes' : 'falls short'
}

/** What the suite ends with. */
export function exitCodeOf(verdicts: readonly Verdict[]): number {
  if (verdicts.includes('falls short')) return 1
  return verdicts.includes('no verdict') ? 3 : 0
}

/** How many of so many figures may be left out at each end for the rest to hold the true median. */
function outsideEachEnd(count: number): number {
  // The true median is below the k-th figure as rarely as k - 1 or fewer of `count` coins fall heads.
  let ways = 1
  let chance = ways / 2 ** count
  let outside = 0
  while (2 * chance <= DOUBT) {
    ways *= (count - outside) / (outside + 1)
    outside += 1
    chance += ways / 2 ** count
  }
  return outside - 1
}
