import { grown, LEASE_LASTS_S, type Level, type PrefetchPolicy, type Sizing } from './prefetch.ts'

/** The rate lets no segment grow past this: 20 seconds of ids at 50,000 a second. */
const SEGMENT_SIZE_MAX = 1_000_000

export interface DoubleBufferOptions {
  readonly sizing: Sizing
  /** The share of the segment in use, 0 to 1, that is left when loading of the next one starts. */
  readonly prefetchAt: number
}

/**
 * Leaf's double buffer: the segment in use, and one behind it.
 *
 *     current [#########################.......]   next [ empty ]
 *                                       ^ 20 % left: load next
 *     current [###############################.]   next [................................]
 *                                              ^ used up: next takes its place
 */
export function doubleBuffer({ sizing, prefetchAt }: DoubleBufferOptions): PrefetchPolicy {
  return (level) => {
    const { inUse, behind, waiting, step } = level
    const untilPrefetch = inUse.left - Math.ceil(inUse.size * prefetchAt)
    const content = waiting === 0 && (behind > 0 || untilPrefetch > 0)
    if (content) return { lease: 0, reviewAfter: behind > 0 ? inUse.left : untilPrefetch }
    const floor = Math.max(step, waiting)
    const lease = sizing === 'fixed' ? floor : grown(sizeByRate(level), floor, level)
    return { lease, reviewAfter: inUse.left }
  }
}

function sizeByRate({ perSecond }: Level): number {
  return Math.min(Math.ceil(perSecond * LEASE_LASTS_S), SEGMENT_SIZE_MAX)
}
