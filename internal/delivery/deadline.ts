/** How long callers may wait, in milliseconds. */
export interface DeadlineLimits {
  /** For a caller that names no deadline. */
  readonly defaultMs: number
  /** For a caller that names one further off. */
  readonly maxMs: number
}

const MARGIN_SHARE = 0.1
const MARGIN_MAX_MS = 50

/**
 * When to answer a caller at the latest: a tenth of its time, at most 50 ms, before it stops
 * listening, or the answer would not arrive.
 *
 * @param nowMs On `Clock.monotonicMs`, as is the result.
 * @param timeoutMs How long the caller listens; undefined or infinite if it did not say.
 */
export function answerBy(
  nowMs: number,
  timeoutMs: number | undefined,
  { defaultMs, maxMs }: DeadlineLimits,
): number {
  const named = timeoutMs ?? Number.POSITIVE_INFINITY
  const listens = Math.min(Number.isFinite(named) ? Math.max(0, named) : defaultMs, maxMs)
  return nowMs + listens - Math.min(listens * MARGIN_SHARE, MARGIN_MAX_MS)
}
