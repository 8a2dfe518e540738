import type { Clock } from '../clock/clock.ts'

/**
 * Runs `work` with a signal that aborts after `ms` milliseconds, or when the caller aborts `limit`.
 */
export async function withTimeLimit<T>(
  clock: Clock,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
  limit = new AbortController(),
): Promise<T> {
  const callOff = clock.after(ms, () => limit.abort(new Error(`no answer within ${ms} ms`)))
  try {
    return await work(limit.signal)
  } finally {
    callOff()
  }
}
