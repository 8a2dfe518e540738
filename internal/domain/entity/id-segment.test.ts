import { describe, expect, test } from '@jest/globals'
import type { Group } from './grouped.ts'
import {
  type IdSegment,
  NextIdSegmentExpiredError,
  SEQUENCE_OVERFLOW,
  TIME_TO_LIVE_FOREVER,
} from './id-segment.ts'
import { Segment } from './segment.ts'

/** A segment of a sequence that starts again with each month. */
class MonthlySegment extends Segment {
  readonly #month: string

  constructor(month: string, offset: bigint) {
    super({ offset, maxId: offset + 10n })
    this.#month = month
  }

  override get group(): Group {
    return { by: 'month', key: this.#month }
  }
}

function startingAt(offset: bigint): Segment {
  return new Segment({ offset, maxId: offset + 10n })
}

/** What `ensureNextIdSegment` threw; undefined if it let the segment pass. */
function refusalOf(current: IdSegment, next: IdSegment): unknown {
  try {
    current.ensureNextIdSegment(next)
    return undefined
  } catch (error) {
    return error
  }
}

test('the constants are those that callers of CosId know', () => {
  expect(SEQUENCE_OVERFLOW).toBe(-1n)
  expect(TIME_TO_LIVE_FOREVER).toBe(Number.MAX_SAFE_INTEGER)
})

describe('isOverflow of a value', () => {
  test.each([
    [-1n, true],
    [15n, false],
    [20n, false],
    [21n, true],
  ])('case 4: in (15, 20] the value %s: %s', (value, overflow) => {
    expect(new Segment({ offset: 15n, maxId: 20n }).isOverflow(value)).toBe(overflow)
  })
})

describe('compareTo', () => {
  test.each([
    [10n, 20n, -1],
    [20n, 20n, 0],
    [20n, 10n, 1],
    [2n ** 62n, 2n ** 62n + 1n, -1],
    [2n ** 62n + 1n, 2n ** 62n, 1],
  ])('case 9: offset %s with offset %s: %s', (one, other, order) => {
    expect(startingAt(one).compareTo(startingAt(other))).toBe(order)
  })
})

describe('ensureNextIdSegment', () => {
  test.each([10n, 0n])('case 10: behind offset 10 an offset of %s is refused', (offset) => {
    const current = startingAt(10n)
    const next = startingAt(offset)
    const refusal = refusalOf(current, next)
    expect(refusal).toBeInstanceOf(NextIdSegmentExpiredError)
    expect(refusal).toMatchObject({ name: 'NextIdSegmentExpiredError', current, next })
  })

  test.each([11n, 20n])('case 10: behind offset 10 an offset of %s passes', (offset) => {
    expect(refusalOf(startingAt(10n), startingAt(offset))).toBeUndefined()
  })

  test('the refusal names both ranges', () => {
    expect(() => startingAt(10n).ensureNextIdSegment(startingAt(0n))).toThrow(
      /\(0, 10\].*\(10, 20\]/,
    )
  })

  test('a new period may start at the bottom, the same one may not', () => {
    const january = new MonthlySegment('2026-01', 500n)
    expect(refusalOf(january, new MonthlySegment('2026-02', 0n))).toBeUndefined()
    expect(refusalOf(january, new MonthlySegment('2026-01', 0n))).toBeDefined()
  })
})
