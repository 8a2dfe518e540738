import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { fullJitterMs } from './backoff.ts'

const BOUNDS = { baseMs: 50, capMs: 500 }

test.each([
  [1, 50],
  [2, 100],
  [3, 200],
  [4, 400],
  [5, 500],
  [6, 500],
  [5_000, 500],
])('before attempt %s the wait is anything up to %s ms', (attempt, boundMs) => {
  expect(fullJitterMs(attempt, BOUNDS, () => 0)).toBe(0)
  expect(fullJitterMs(attempt, BOUNDS, () => 0.5)).toBe(boundMs / 2)
  expect(fullJitterMs(attempt, BOUNDS, () => 1)).toBe(boundMs)
})

test('a cap below the base holds from the first attempt on', () => {
  expect(fullJitterMs(1, { baseMs: 50, capMs: 10 }, () => 1)).toBe(10)
})

test('however many attempts there were, the wait is within zero and the cap', () => {
  const bounds = fc.record({ baseMs: fc.integer({ min: 1, max: 1e6 }), capMs: fc.nat() })
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  fc.assert(
    fc.property(fc.integer({ min: 1 }), bounds, chance, (attempt, { baseMs, capMs }, drawn) => {
      const waitMs = fullJitterMs(attempt, { baseMs, capMs }, () => drawn)
      expect(waitMs).toBeGreaterThanOrEqual(0)
      expect(waitMs).toBeLessThanOrEqual(capMs)
    }),
  )
})
