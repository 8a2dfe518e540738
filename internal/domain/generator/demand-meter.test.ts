import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { DemandMeter } from './demand-meter.ts'

const RESERVE_S = 600
/** What floating point may add in relation to the true value. */
const ROUNDING = 1e-6

interface Note {
  readonly ids: number
  readonly afterMs: number
}

const notes = fc.array(
  fc.record({
    ids: fc.oneof(fc.nat({ max: 10 }), fc.nat({ max: 1_000_000_000 })),
    afterMs: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 3_600_000, noNaN: true })),
  }),
  { maxLength: 30 },
)

/** A meter that was told these notes one after the other, and the time of the last. */
function told(all: readonly Note[]) {
  const meter = new DemandMeter(0)
  let nowMs = 0
  for (const { ids, afterMs } of all) {
    nowMs += afterMs
    meter.note(ids, nowMs)
  }
  return { meter, nowMs }
}

test('it starts at zero, and stays there while nobody asks', () => {
  const meter = new DemandMeter(1_000)
  expect(meter.perSecond(1_000)).toBe(0)
  expect(meter.perSecond(1_000_000)).toBe(0)
})

test('the rate is a finite number, never below zero', () => {
  fc.assert(
    fc.property(notes, fc.nat(), (all, laterMs) => {
      const { meter, nowMs } = told(all)
      const rate = meter.perSecond(nowMs + laterMs)
      expect(Number.isFinite(rate)).toBe(true)
      expect(rate).toBeGreaterThanOrEqual(0)
    }),
  )
})

test('however n ids are spread, the reserve for their rate is never above 8n', () => {
  fc.assert(
    fc.property(notes, (all) => {
      const { meter, nowMs } = told(all)
      const asked = all.reduce((sum, { ids }) => sum + ids, 0)
      expect(meter.perSecond(nowMs) * RESERVE_S).toBeLessThanOrEqual(8 * asked * (1 + ROUNDING))
    }),
  )
})

describe('a burst', () => {
  test('counts in full at once', () => {
    expect(told([{ ids: 750, afterMs: 0 }]).meter.perSecond(0)).toBeCloseTo(10, 9)
  })

  test('in two notes at one moment weighs as much as in one', () => {
    const half = { ids: 375, afterMs: 0 }
    expect(told([half, half]).meter.perSecond(0)).toBeCloseTo(10, 9)
  })

  test('fades: a 1/e of it is left after 75 seconds, next to nothing after an hour', () => {
    const { meter } = told([{ ids: 750, afterMs: 0 }])
    expect(meter.perSecond(75_000)).toBeCloseTo(10 / Math.E, 9)
    expect(meter.perSecond(3_600_000)).toBeLessThan(1e-9)
  })
})

describe('a steady rate', () => {
  test('is followed the same way, however often it is noted', () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 60_000 }), { minLength: 1, maxLength: 50 })
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 100 }), (gapsMs, perMs) => {
        const steady = gapsMs.map((afterMs) => ({ ids: perMs * afterMs, afterMs }))
        const { meter, nowMs } = told(steady)
        const expected = perMs * 1000 * (1 - Math.exp(-nowMs / 75_000))
        expect(meter.perSecond(nowMs) / expected).toBeCloseTo(1, 6)
      }),
    )
  })

  test.each([10, 1_000, 60_000])(
    'noted every %s ms, is met within 1 %% in six minutes',
    (gapMs) => {
      const steady = Array.from({ length: 360_000 / gapMs }, () => ({ ids: gapMs, afterMs: gapMs }))
      const { meter, nowMs } = told(steady)
      expect(meter.perSecond(nowMs)).toBeGreaterThan(990)
      expect(meter.perSecond(nowMs)).toBeLessThanOrEqual(1_000 * (1 + ROUNDING))
    },
  )
})

test('reading the rate does not change it', () => {
  const { meter } = told([{ ids: 750, afterMs: 0 }])
  const first = meter.perSecond(10_000)
  expect(meter.perSecond(10_000)).toBe(first)
})

test('a total counts for what it has grown by, and not at all if it has shrunk', () => {
  const meter = new DemandMeter(0)
  const rates = [750n, 750n, 700n, 740n, 825n].map((asked) => {
    meter.noteTotal(asked, 0)
    return meter.perSecond(0)
  })
  expect(rates).toEqual([10, 10, 10, 10, 11])
})
