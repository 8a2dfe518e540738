/** A source of chance: a number from 0 up to but not including 1. */
export type Random = () => number

/**
 * How long to wait before attempt `attempt` (the first retry is 1): anything from 0 to a bound that
 * doubles with each attempt up to `capMs`. Full jitter, so that callers who failed together do not
 * come back together.
 */
export function fullJitterMs(
  attempt: number,
  { baseMs, capMs }: { readonly baseMs: number; readonly capMs: number },
  random: Random,
): number {
  return random() * Math.min(capMs, baseMs * 2 ** (attempt - 1))
}
