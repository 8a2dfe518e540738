import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { answerBy } from './deadline.ts'

const LIMITS = { defaultMs: 5_000, maxMs: 30_000 }

test.each([
  ['none', undefined, 4_950],
  ['an infinite one', Number.POSITIVE_INFINITY, 4_950],
  ['one that is no number', Number.NaN, 4_950],
  ['one of 10 s', 10_000, 9_950],
  ['one of 500 ms, whose tenth is the whole margin', 500, 450],
  ['one of 499 ms', 499, 449.1],
  ['one of 10 ms', 10, 9],
  ['one at the limit', 30_000, 29_950],
  ['one beyond the limit', 30_001, 29_950],
  ['the furthest there is', Number.MAX_VALUE, 29_950],
  ['one of 0 ms', 0, 0],
  ['one that has passed', -1_000, 0],
])('a caller with this deadline: %s', (_, timeoutMs, answerAfterMs) => {
  expect(answerBy(0, timeoutMs, LIMITS)).toBeCloseTo(answerAfterMs, 9)
  expect(answerBy(7_000, timeoutMs, LIMITS)).toBeCloseTo(7_000 + answerAfterMs, 9)
})

test('the limit holds for the default too', () => {
  expect(answerBy(0, undefined, { defaultMs: 5_000, maxMs: 1_000 })).toBe(950)
})

test('the answer is never due before now, nor after the caller has stopped listening', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), fc.nat(), (timeoutMs, nowMs) => {
      const by = answerBy(nowMs, timeoutMs, LIMITS)
      expect(by).toBeGreaterThanOrEqual(nowMs)
      expect(by).toBeLessThanOrEqual(nowMs + LIMITS.maxMs)
      if (timeoutMs > 1) expect(by).toBeLessThan(nowMs + timeoutMs)
    }),
  )
})
