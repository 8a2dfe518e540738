import { fullJitterMs, type Random } from '../../../pkg/async/backoff.ts'
import type { Clock } from '../../../pkg/clock/clock.ts'
import { failureOf, outOfTime, remedyOf } from './store-fault.ts'

const PAUSE = { baseMs: 5, capMs: 100 }

/**
 * Runs `attempt` again for as long as the store has undone everything and `signal` is not aborted.
 *
 * @throws GolovesError as `Database.run` says.
 */
export async function repeatWhileItHelps<T>(
  signal: AbortSignal,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  attempt: () => Promise<T>,
): Promise<T> {
  for (let count = 1; ; count += 1) {
    try {
      const result = await attempt()
      // Nobody waits for it any more: what it leased is spent.
      if (signal.aborted) throw outOfTime(signal.reason)
      return result
    } catch (fault) {
      if (signal.aborted) throw outOfTime(fault)
      if (remedyOf(fault) !== 'repeat') throw failureOf(fault)
    }
    await pause(fullJitterMs(count, PAUSE, random), clock, signal)
  }
}

function pause(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      callOff()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const callOff = clock.after(ms, end)
    signal.addEventListener('abort', end)
  })
}
