import type { Clock } from '../clock/clock.ts'

/** Runs `work` with a signal that aborts after `ms` milliseconds. */
export async function withTimeLimit<T>(
  clock: Clock,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController()
  const callOff = clock.after(ms, () => limit.abort(new Error(`no answer within ${ms} ms`)))
  try {
    return await work(limit.signal)
  } finally {
    callOff()
  }
}
