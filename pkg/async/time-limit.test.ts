import { expect, test } from '@jest/globals'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { withTimeLimit } from './time-limit.ts'

test.each([
  ['succeeds', async () => 'done'],
  ['fails', () => Promise.reject(new Error('failed'))],
])('work that %s in time ends as it does, and leaves no timer', async (_, work) => {
  const clock = new ManualClock()
  const [limited] = await Promise.allSettled([withTimeLimit(clock, 100, work)])
  const [plain] = await Promise.allSettled([work()])
  expect(limited).toEqual(plain)
  expect(clock.pending).toBe(0)
})

test('the signal aborts when the time is up, not before, and says after how long', async () => {
  const clock = new ManualClock()
  const begun = Promise.withResolvers<AbortSignal>()
  const work = (signal: AbortSignal) =>
    new Promise<string>((resolve) => {
      begun.resolve(signal)
      signal.addEventListener('abort', () => resolve(String(signal.reason)))
    })
  const limited = withTimeLimit(clock, 100, work)
  const signal = await begun.promise
  await clock.advance(99)
  expect(signal.aborted).toBe(false)
  await clock.advance(1)
  expect(await limited).toBe('Error: no answer within 100 ms')
})
