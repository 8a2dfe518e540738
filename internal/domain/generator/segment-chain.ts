import { grown, LEASE_LASTS_S, type Level, type PrefetchPolicy, type Sizing } from './prefetch.ts'

export interface SegmentChainOptions {
  /** `fixed`: segments of the row's step, as many as the distance and the reserve ask for. */
  readonly sizing: Sizing
  /** How many segments of the row's step are kept ready at least. */
  readonly safeDistance: number
  /** How many seconds of ids, at the measured rate, are kept ready at least. */
  readonly reserveS: number
}

/** So long a lease takes at most. It is asked for so early that the reserve is whole even then. */
const LEASE_TAKES_S = 2

/** A chain holds no more than lasts this long. */
const HELD_MAX_S = 30 * 60

/**
 * A reserve is looked at again at the latest when this share of it is gone, since the rate may have
 * risen.
 */
const REVIEW_SHARE = 1 / 8

/**
 * CosId's segment chain: so many segments ready that the store can be away for a while.
 *
 *     in use [######....] -> ready [..........] -> ready [..........] -> being leased
 *            |<- gap: whole segments left, at least the safe distance ->|
 *
 * What is missing is asked for in one lease, however many segments it is. After callers had to
 * wait, the next lease has at least as many segments as the last one (CosId calls that hungry).
 */
export function segmentChain(options: SegmentChainOptions): PrefetchPolicy {
  const { safeDistance, reserveS } = options
  return (level) => {
    const { step, inUse, behind, waiting, perSecond } = level
    // Negative while more ids are waited for than there are.
    const ready = inUse.left + behind - waiting
    const gap = Math.trunc(ready / step)
    const low = Math.max(safeDistance * step, Math.ceil(reserveOf(perSecond, reserveS)))
    if (gap >= safeDistance && ready >= low) {
      return {
        lease: 0,
        reviewAfter: Math.max(1, Math.min(Math.ceil(ready * REVIEW_SHARE), ready - low + 1)),
      }
    }
    const floor = Math.max(safeDistance - gap, 1)
    const wanted = Math.max(
      floor,
      segmentsByRate(level, ready, options),
      segmentsByHunger(level, ready, options),
    )
    const ids = grown(wanted * step, floor * step, level)
    return { lease: Math.ceil(ids / step) * step, reviewAfter: inUse.left }
  }
}

/** How many ids are kept ready at least. */
function reserveOf(perSecond: number, reserveS: number): number {
  return reserveS > 0 ? perSecond * (reserveS + LEASE_TAKES_S) : 0
}

/**
 * Twice the reserve, but no more than lasts half an hour; or what lasts for an adaptive lease: enough
 * that the next one is some time off.
 */
function segmentsByRate(
  { step, perSecond }: Level,
  ready: number,
  { sizing, reserveS }: SegmentChainOptions,
): number {
  const reserve = reserveOf(perSecond, reserveS)
  if (sizing === 'adaptive') return Math.ceil((perSecond * LEASE_LASTS_S) / step)
  const filled = Math.min(2 * reserve, perSecond * HELD_MAX_S)
  return ready < reserve ? Math.ceil((filled - ready) / step) : 0
}

/** As much as the last lease, but no more than lasts half an hour, or twice the safe distance. */
function segmentsByHunger(
  { hungry, lastLease, step, perSecond }: Level,
  ready: number,
  { safeDistance }: SegmentChainOptions,
): number {
  if (!hungry) return 0
  const most = Math.max(perSecond * HELD_MAX_S, 2 * safeDistance * step) - ready
  return Math.floor(Math.min(lastLease, most) / step)
}
