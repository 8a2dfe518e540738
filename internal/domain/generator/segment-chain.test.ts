import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Level } from './prefetch.ts'
import { segmentChain } from './segment-chain.ts'

const HALF_AN_HOUR_S = 1800

const plain = segmentChain({ sizing: 'fixed', safeDistance: 2, reserveS: 0 })
const fixed = segmentChain({ sizing: 'fixed', safeDistance: 2, reserveS: 600 })
const adaptive = segmentChain({ sizing: 'adaptive', safeDistance: 2, reserveS: 600 })

/** Two whole segments of ten, and nobody asks. */
const CALM: Level = {
  step: 10,
  inUse: { size: 10, left: 10 },
  behind: 10,
  waiting: 0,
  perSecond: 0,
  lastLease: 20,
  hungry: false,
  leftToLease: 1e15,
}

/** So many ids in all, the last ten of them behind the segment in use if there are more. */
function ready(ids: number, change: Partial<Level> = {}): Level {
  const behind = ids > 10 ? 10 : 0
  return { ...CALM, inUse: { size: 1_000, left: ids - behind }, behind, ...change }
}

describe('the safe distance', () => {
  test.each([
    ['a gap of 3', 30, 0],
    ['a gap of 2', 20, 0],
    ['a gap of 1', 19, 10],
    ['a gap of 1', 10, 10],
    ['a gap of 0', 9, 20],
    ['a gap of 0', 0, 20],
  ])('case 30: with %s (%s ids) it leases %s ids at once', (_, ids, lease) => {
    expect(plain(ready(ids)).lease).toBe(lease)
  })

  test.each([
    [1, 20],
    [10, 30],
    [15, 30],
    [100, 120],
  ])('with nothing in memory and %s ids waited for it leases %s', (waiting, lease) => {
    expect(plain(ready(0, { waiting })).lease).toBe(lease)
  })
})

describe('when it looks again', () => {
  test('as soon as the safe distance may be gone', () => {
    expect(plain(ready(20)).reviewAfter).toBe(1)
    expect(plain(ready(21)).reviewAfter).toBe(2)
  })

  test('after an eighth of what is ready at the latest', () => {
    expect(plain(ready(800)).reviewAfter).toBe(100)
  })

  test('at the end of the segment in use while a lease is on its way', () => {
    expect(plain(ready(9))).toEqual({ lease: 20, reviewAfter: 9 })
  })

  test('and not later than the reserve begins to miss ids', () => {
    const settings = fc.record({ left: fc.nat({ max: 1e6 }), behind: fc.nat({ max: 1e6 }) })
    const rate = fc.nat({ max: 1e4 }).map((perTenSeconds) => perTenSeconds / 10)
    fc.assert(
      fc.property(settings, rate, ({ left, behind }, perSecond) => {
        const level = { ...CALM, inUse: { size: left, left }, behind, perSecond }
        const { lease, reviewAfter } = adaptive(level)
        if (lease > 0) return
        const before = { ...level, inUse: { size: left, left: left - reviewAfter + 1 } }
        expect(reviewAfter).toBeGreaterThanOrEqual(1)
        expect(adaptive(before).lease).toBe(0)
      }),
    )
  })
})

describe('the reserve', () => {
  test('fixed: filled up to twice itself as soon as it misses one id, in whole segments', () => {
    const level = ready(601, { perSecond: 1, lastLease: 1_000 })
    expect(fixed({ ...level, perSecond: 0.99 }).lease).toBe(0)
    expect(fixed(level).lease).toBe(610)
    expect(fixed({ ...level, perSecond: 1.01 }).lease).toBe(620)
  })

  test('adaptive: fifteen minutes at the measured rate as soon as it misses one id', () => {
    expect(adaptive(ready(602, { perSecond: 1, lastLease: 900 })).lease).toBe(0)
    expect(adaptive(ready(601, { perSecond: 1, lastLease: 900 })).lease).toBe(900)
  })

  test('grows by at most 8 times from one lease to the next', () => {
    expect(adaptive(ready(0, { perSecond: 1_000, lastLease: 50 })).lease).toBe(400)
  })

  test('shrinks to the safe distance when nobody asks', () => {
    expect(adaptive(ready(15, { perSecond: 0, lastLease: 1_000_000 })).lease).toBe(10)
  })
})

describe('hunger', () => {
  test('after callers had to wait, the next lease is as large as the last one', () => {
    expect(plain(ready(15, { hungry: true, lastLease: 20 })).lease).toBe(20)
    expect(plain(ready(15, { hungry: true, lastLease: 80, perSecond: 1 })).lease).toBe(80)
    expect(plain(ready(15, { hungry: false, lastLease: 40 })).lease).toBe(10)
  })

  test('while enough is ready it asks for nothing', () => {
    expect(plain(ready(20, { hungry: true, lastLease: 40 })).lease).toBe(0)
  })
})

const policies = fc
  .record({
    sizing: fc.constantFrom('fixed' as const, 'adaptive' as const),
    safeDistance: fc.integer({ min: 1, max: 100 }),
    reserveS: fc.integer({ min: 0, max: 900 }),
  })
  .map((options) => ({ ...options, policy: segmentChain(options) }))

const levels = fc.record({
  step: fc.oneof(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 1_000_000 })),
  inUse: fc.nat({ max: 1e7 }).map((left) => ({ size: left, left })),
  behind: fc.nat({ max: 1e7 }),
  waiting: fc.oneof(fc.constant(0), fc.nat({ max: 1e7 })),
  perSecond: fc.nat({ max: 1e6 }).map((perTenSeconds) => perTenSeconds / 10),
  lastLease: fc.oneof(fc.nat({ max: 1e4 }), fc.nat({ max: 1e9 })),
  hungry: fc.boolean(),
  leftToLease: fc.oneof(fc.nat(), fc.constant(2 ** 63)),
})

describe('of any level', () => {
  test('a lease is whole segments, and with it there is enough for all who wait', () => {
    fc.assert(
      fc.property(policies, levels, ({ policy, safeDistance }, level) => {
        const { lease } = policy(level)
        const rest = level.inUse.left + level.behind + lease - level.waiting
        expect(Number.isSafeInteger(lease)).toBe(true)
        expect(lease % level.step).toBe(0)
        expect(rest).toBeGreaterThanOrEqual((safeDistance - 1) * level.step)
      }),
    )
  })

  test('unless it is hungry, it holds at most half an hour of ids beyond its floor', () => {
    fc.assert(
      fc.property(policies, levels, ({ policy, safeDistance }, any) => {
        const level = { ...any, hungry: false }
        const { lease } = policy(level)
        if (lease === 0) return
        const ready = level.inUse.left + level.behind + lease - level.waiting
        const floor = (safeDistance + 2) * level.step
        expect(ready).toBeLessThanOrEqual(level.perSecond * HALF_AN_HOUR_S + floor)
      }),
    )
  })

  test('a lease grows by at most 8 times, unless the floor is higher', () => {
    fc.assert(
      fc.property(policies, levels, ({ policy, safeDistance }, level) => {
        const floor = (safeDistance + 1) * level.step + level.waiting
        const most = 8 * Math.max(level.lastLease, floor) + level.step
        expect(policy(level).lease).toBeLessThanOrEqual(most)
      }),
    )
  })
})
