import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { refillOf } from './refill.ts'

const IDLE = { ready: 0, waiting: 0, perSecond: 0, heldMax: 100_000 }

test.each([
  ['before the rate is known', {}, { lease: 100, reviewAfter: 1 }],
  ['for those who wait, too', { waiting: 30 }, { lease: 130, reviewAfter: 1 }],
  ['for two minutes of the rate', { perSecond: 10 }, { lease: 1200, reviewAfter: 1 }],
  ['up to what may be held', { perSecond: 1e6 }, { lease: 100_000, reviewAfter: 1 }],
  ['where little may be held', { heldMax: 1 }, { lease: 1, reviewAfter: 1 }],
  ['when half of it is gone', { perSecond: 10, ready: 600 }, { lease: 600, reviewAfter: 600 }],
  ['not before', { perSecond: 10, ready: 601 }, { lease: 0, reviewAfter: 1 }],
  ['nor from the start', { perSecond: 10, ready: 1200 }, { lease: 0, reviewAfter: 600 }],
])('it fills up %s', (_, level, refill) => {
  expect(refillOf({ ...IDLE, ...level })).toEqual(refill)
})

describe('whatever the level,', () => {
  const level = fc.record({
    ready: fc.nat({ max: 1_000_000 }),
    waiting: fc.constant(0),
    perSecond: fc.double({ min: 0, max: 1e9, noNaN: true }),
    heldMax: fc.integer({ min: 1, max: 1_000_000 }),
  })

  test('no more are held than may be, beside those that are waited for', () => {
    fc.assert(
      fc.property(level, fc.nat({ max: 1000 }), (level, waiting) => {
        const ready = waiting > 0 ? 0 : level.ready
        const { lease, reviewAfter } = refillOf({ ...level, ready, waiting })
        expect(Number.isInteger(lease) && Number.isInteger(reviewAfter)).toBe(true)
        expect(reviewAfter).toBeGreaterThanOrEqual(1)
        expect(lease).toBeGreaterThanOrEqual(waiting)
        if (lease > 0) expect(ready + lease - waiting).toBeLessThanOrEqual(level.heldMax)
      }),
    )
  })
})
