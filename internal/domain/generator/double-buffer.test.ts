import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { doubleBuffer } from './double-buffer.ts'
import type { Level } from './prefetch.ts'

const fixed = doubleBuffer({ sizing: 'fixed', prefetchAt: 0.2 })
const adaptive = doubleBuffer({ sizing: 'adaptive', prefetchAt: 0.2 })

/** A full segment of a thousand in use, none behind it, and nobody asks. */
const FULL: Level = {
  step: 1_000,
  inUse: { size: 1_000, left: 1_000 },
  behind: 0,
  waiting: 0,
  perSecond: 0,
  lastLease: 1_000,
  hungry: false,
  leftToLease: 1e15,
}

function left(ids: number): Level {
  return { ...FULL, inUse: { size: 1_000, left: ids } }
}

describe('when the double buffer loads the next segment', () => {
  test.each([
    [1_000, { lease: 0, reviewAfter: 800 }],
    [500, { lease: 0, reviewAfter: 300 }],
    [201, { lease: 0, reviewAfter: 1 }],
    [200, { lease: 1_000, reviewAfter: 200 }],
    [1, { lease: 1_000, reviewAfter: 1 }],
    [0, { lease: 1_000, reviewAfter: 0 }],
  ])('with %s of 1000 left and none behind: %j', (ids, prefetch) => {
    expect(fixed(left(ids))).toEqual(prefetch)
  })

  test.each([1_000, 100, 0])('with %s left and a segment behind it asks for nothing', (ids) => {
    const level = { ...left(ids), behind: 1 }
    expect(fixed(level)).toEqual({ lease: 0, reviewAfter: ids })
    expect(adaptive(level).lease).toBe(0)
  })

  test('at another share it loads there', () => {
    const early = doubleBuffer({ sizing: 'fixed', prefetchAt: 0.99 })
    expect(early(left(991)).lease).toBe(0)
    expect(early(left(990)).lease).toBe(1_000)
  })

  test('before the first segment it loads at once', () => {
    const level = { ...FULL, inUse: { size: 0, left: 0 }, lastLease: 0 }
    expect(fixed(level).lease).toBe(1_000)
    expect(adaptive(level).lease).toBe(1_000)
  })
})

describe('how much it loads', () => {
  test('fixed: the step, whatever the rate', () => {
    expect(fixed({ ...left(0), perSecond: 50_000 }).lease).toBe(1_000)
  })

  test.each([
    ['fixed', fixed],
    ['adaptive', adaptive],
  ])('%s: what callers wait for, if that is more than the step', (_, policy) => {
    expect(policy({ ...left(100), waiting: 1 }).lease).toBe(1_000)
    expect(policy({ ...left(100), waiting: 5_000 }).lease).toBe(5_000)
    expect(policy({ ...left(1_000), behind: 9_000, waiting: 12_000 }).lease).toBe(12_000)
  })

  test('adaptive: fifteen minutes at the measured rate', () => {
    const level = { ...left(0), lastLease: 50_000 }
    expect(adaptive({ ...level, perSecond: 100 }).lease).toBe(90_000)
    expect(adaptive({ ...level, perSecond: 1 }).lease).toBe(1_000)
  })

  test('adaptive: at most a million, unless step or callers ask for more', () => {
    const level = { ...left(0), lastLease: 1_000_000, perSecond: 50_000 }
    expect(adaptive(level).lease).toBe(1_000_000)
    expect(adaptive({ ...level, step: 2_000_000 }).lease).toBe(2_000_000)
    expect(adaptive({ ...level, waiting: 3_000_000 }).lease).toBe(3_000_000)
  })

  test('adaptive: it grows by at most 8 times', () => {
    expect(adaptive({ ...left(0), perSecond: 50_000 }).lease).toBe(8_000)
  })
})

test('while somebody waits, the lease covers what waits and the step', () => {
  const count = fc.integer({ min: 1, max: 2 ** 31 })
  fc.assert(
    fc.property(
      fc.constantFrom(fixed, adaptive),
      fc.record({ step: count, waiting: count, left: fc.nat(), behind: fc.nat(), last: fc.nat() }),
      fc.nat({ max: 1e6 }),
      (policy, { step, waiting, left, behind, last }, perSecond) => {
        const inUse = { size: left + 1, left }
        const level = { ...FULL, step, waiting, inUse, behind, lastLease: last, perSecond }
        const { lease } = policy(level)
        expect(Number.isSafeInteger(lease)).toBe(true)
        expect(lease).toBeGreaterThanOrEqual(Math.max(step, waiting))
      },
    ),
  )
})
