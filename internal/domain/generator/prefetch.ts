/**
 * What a tag holds in memory and what is asked of it: all that decides whether to lease, and how
 * much.
 */
export interface Level {
  /** The row's step: how many ids one lease takes at least. */
  readonly step: number
  /** The segment in use. */
  readonly inUse: { readonly size: number; readonly left: number }
  /** Ids ready behind the segment in use. */
  readonly behind: number
  /** Ids that callers wait for. */
  readonly waiting: number
  /** Ids asked for per second, as measured. */
  readonly perSecond: number
  /** The size of the last lease; 0 before the first. */
  readonly lastLease: number
  /** Whether callers had to wait for the last lease. */
  readonly hungry: boolean
  /** How many ids the tag can still lease before its `max_value`. */
  readonly leftToLease: number
}

export interface Prefetch {
  /** How many ids to lease now; 0 for none. */
  readonly lease: number
  /**
   * Look again once this many more ids have left the segment in use. Its end is always looked at.
   */
  readonly reviewAfter: number
}

/**
 * Decides what to lease. A pure function: the buffer that a tag uses is the policy that it was
 * given.
 */
export type PrefetchPolicy = (level: Level) => Prefetch

/** `fixed`: as the row's step says. `adaptive`: by the measured rate. */
export type Sizing = 'fixed' | 'adaptive'

/** An adaptive lease lasts this long: at a steady rate, one statement per 15 minutes and tag. */
export const LEASE_LASTS_S = 15 * 60

/** No buffer at all: for an instance that is about to stop. */
export const onlyWhatIsAwaited: PrefetchPolicy = ({ waiting, step, inUse }) => ({
  lease: waiting > 0 ? Math.max(waiting, step) : 0,
  reviewAfter: inUse.left,
})

const GROWTH_MAX = 8
const GROWN_SHARE_MAX = 1 / 1000

/**
 * A size that was raised because of the measured rate, held back: at most 8 times the last lease,
 * so that one burst does not make a tag hoard, and at most a thousandth of what is left to lease,
 * so that a tag near its end does not lose the rest of it in one crash. Never below `floor`, which
 * is what the step and the waiting callers ask for.
 */
export function grown(wanted: number, floor: number, { lastLease, leftToLease }: Level): number {
  if (lastLease === 0) return floor
  const most = Math.min(
    GROWTH_MAX * Math.max(lastLease, floor),
    Math.floor(leftToLease * GROWN_SHARE_MAX),
  )
  return Math.max(floor, Math.min(wanted, most))
}
