import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { grown, type Level, onlyWhatIsAwaited } from './prefetch.ts'

function level(lastLease: number, leftToLease: number): Level {
  return {
    step: 1,
    inUse: { size: 0, left: 0 },
    behind: 0,
    waiting: 0,
    perSecond: 0,
    lastLease,
    hungry: false,
    leftToLease,
  }
}

describe('grown', () => {
  test.each([
    { what: 'what is wanted, within both bounds', args: [5_000, 1_000, 2_000, 1e9], size: 5_000 },
    { what: 'at most 8 times the last lease', args: [99_999, 1_000, 2_000, 1e9], size: 16_000 },
    { what: 'at most 8 times the floor if that is more', args: [99_999, 500, 2, 1e9], size: 4_000 },
    { what: 'a thousandth of what is left', args: [99_999, 1_000, 9_999, 5_000_999], size: 5_000 },
    { what: 'the floor where less is wanted', args: [10, 1_000, 2_000, 1e9], size: 1_000 },
    { what: 'the floor near the end of the tag', args: [9_999, 1_000, 2_000, 1_500], size: 1_000 },
    { what: 'the floor of a tag with nothing left', args: [9_999, 1_000, 0, 0], size: 1_000 },
  ])('it is $what', ({ args: [wanted = 0, floor = 0, lastLease = 0, left = 0], size }) => {
    expect(grown(wanted, floor, level(lastLease, left))).toBe(size)
  })

  test('it is never below the floor, and above it only within all three bounds', () => {
    const size = fc.integer({ min: 1, max: 2 ** 40 })
    const last = fc.nat({ max: 2 ** 40 })
    const left = fc.oneof(fc.nat(), fc.maxSafeNat(), fc.constant(2 ** 63))
    fc.assert(
      fc.property(size, size, last, left, (wanted, floor, lastLease, leftToLease) => {
        const result = grown(wanted, floor, level(lastLease, leftToLease))
        expect(result).toBeGreaterThanOrEqual(floor)
        if (result === floor) return
        expect(result).toBeLessThanOrEqual(wanted)
        expect(result).toBeLessThanOrEqual(8 * Math.max(lastLease, floor))
        expect(result).toBeLessThanOrEqual(leftToLease / 1000)
      }),
    )
  })
})

describe('onlyWhatIsAwaited', () => {
  test.each([
    { waiting: 0, left: 0, lease: 0 },
    { waiting: 0, left: 1, lease: 0 },
    { waiting: 1, left: 0, lease: 1_000 },
    { waiting: 5_000, left: 700, lease: 5_000 },
  ])('with $waiting ids waited for and $left left it leases $lease', ({ waiting, left, lease }) => {
    const inUse = { size: 1_000, left }
    const busy = { ...level(1_000, 1e9), step: 1_000, perSecond: 1e6, hungry: true }
    expect(onlyWhatIsAwaited({ ...busy, waiting, inUse })).toEqual({ lease, reviewAfter: left })
  })
})
