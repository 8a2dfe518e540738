import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { NEVER_GROUPED } from './grouped.ts'
import type { IdRange } from './id-range.ts'
import { SEQUENCE_OVERFLOW, TIME_TO_LIVE_FOREVER } from './id-segment.ts'
import { overflowSegment, Segment, type SegmentOptions } from './segment.ts'
import { MAX_ID } from './tag.ts'

/** The segment `(maxId - size, maxId]`. */
function seg(maxId: bigint, size: bigint, options: Partial<SegmentOptions> = {}): Segment {
  return new Segment({ offset: maxId - size, maxId, ...options })
}

function standingAt(seconds: number) {
  return { monotonicMs: () => seconds * 1000 }
}

const UNASKED = {
  monotonicMs: (): number => {
    throw new Error('The clock was asked.')
  },
}

describe('a new segment', () => {
  test('case 1: reads as it was leased', () => {
    const segment = seg(20n, 5n, { fetchTime: 100 })
    expect(segment).toMatchObject({ offset: 15n, maxId: 20n, sequence: 15n, step: 1n, size: 5n })
    expect(segment).toMatchObject({ fetchTime: 100, ttl: TIME_TO_LIVE_FOREVER })
  })

  test("has Leaf's names for the same things", () => {
    expect(seg(20n, 5n)).toMatchObject({ base: 15n, cursor: 15n, max: 20n, remaining: 5n })
  })

  test('is available and in no group', () => {
    expect(seg(20n, 5n).isAvailable()).toBe(true)
    expect(seg(20n, 5n).isOverflow()).toBe(false)
    expect(seg(20n, 5n).group).toBe(NEVER_GROUPED)
  })

  test.each([0, -1, Number.NaN])('case 2: a ttl of %s is refused', (ttl) => {
    const make = () => seg(20n, 5n, { ttl, clock: standingAt(0) })
    expect(make).toThrow(new RangeError(`ttl:[${ttl}] must be greater than 0.`))
  })

  test('one that can expire needs a clock', () => {
    expect(() => seg(20n, 5n, { ttl: 1 })).toThrow(RangeError)
  })

  test('a range that is upside down is refused, an empty one is not', () => {
    expect(() => new Segment({ offset: 21n, maxId: 20n })).toThrow(RangeError)
    expect(seg(20n, 0n).incrementAndGet()).toBe(SEQUENCE_OVERFLOW)
  })
})

describe('a segment with a step', () => {
  const STEP = 65_536n
  const stepped = () => new Segment({ offset: 5n, maxId: 5n + 3n * STEP, step: STEP })

  test('gives each id at that distance, then the overflow value', () => {
    const segment = stepped()
    const ids = Array.from({ length: 4 }, () => segment.incrementAndGet())
    expect(ids).toEqual([5n + STEP, 5n + 2n * STEP, 5n + 3n * STEP, SEQUENCE_OVERFLOW])
  })

  test('counts ids, not the numbers between them', () => {
    const segment = stepped()
    expect(segment).toMatchObject({ step: STEP, size: 3n, remaining: 3n })
    expect(segment.take(2n)).toEqual({ first: 5n + STEP, last: 5n + 2n * STEP, step: STEP })
    const { maxId } = segment
    expect(segment).toMatchObject({
      remaining: 1n,
      rest: { first: maxId, last: maxId, step: STEP },
    })
    expect(segment.take(2n)).toEqual({ first: maxId, last: maxId, step: STEP })
    expect(segment).toMatchObject({ remaining: 0n, rest: undefined })
  })

  test('reaches the last id there can be', () => {
    const segment = new Segment({ offset: MAX_ID - STEP, maxId: MAX_ID, step: STEP })
    expect(segment.incrementAndGet()).toBe(MAX_ID)
    expect(segment.incrementAndGet()).toBe(SEQUENCE_OVERFLOW)
  })

  test.each([0n, -1n, 3n])(
    'a step of %s, which does not lead from end to end, is refused',
    (step) => {
      expect(() => new Segment({ offset: 5n, maxId: 15n, step })).toThrow(RangeError)
    },
  )
})

describe('incrementAndGet', () => {
  test('case 3: each id once, then the overflow value for ever', () => {
    const segment = seg(3n, 3n)
    const ids = Array.from({ length: 6 }, () => segment.incrementAndGet())
    expect(ids).toEqual([1n, 2n, 3n, -1n, -1n, -1n])
    expect(segment.isOverflow()).toBe(true)
    expect(segment.isAvailable()).toBe(false)
    expect(segment).toMatchObject({ cursor: 3n, remaining: 0n })
  })

  test('the sequence is the last id given until none is left', () => {
    const segment = seg(20n, 2n)
    segment.incrementAndGet()
    expect(segment.sequence).toBe(19n)
    segment.incrementAndGet()
    expect(segment.sequence).toBe(SEQUENCE_OVERFLOW)
  })

  test('case 8: four callers who take turns get 1 to 128, each once', async () => {
    const segment = seg(128n, 128n)
    const ids = (await Promise.all(Array.from({ length: 4 }, () => drain(segment)))).flat()
    expect(ids.toSorted((a, b) => Number(a - b))).toEqual(idsOf({ first: 1n, last: 128n }))
  })

  test('the last id there can be is given, and nothing wraps behind it', () => {
    const segment = seg(MAX_ID, 2n)
    const ids = Array.from({ length: 4 }, () => segment.incrementAndGet())
    expect(ids).toEqual([MAX_ID - 1n, MAX_ID, -1n, -1n])
    expect(segment.cursor).toBe(MAX_ID)
  })
})

describe('take', () => {
  test('gives as many as it is asked for, or what is left, or nothing', () => {
    const segment = seg(10n, 10n)
    expect(segment.take(4n)).toEqual({ first: 1n, last: 4n })
    expect(segment.take(7n)).toEqual({ first: 5n, last: 10n })
    expect(segment.take(1n)).toBeUndefined()
    expect(segment.sequence).toBe(SEQUENCE_OVERFLOW)
  })

  test.each([0n, -1n])('a count of %s is refused and takes nothing', (count) => {
    const segment = seg(10n, 10n)
    expect(() => segment.take(count)).toThrow(RangeError)
    expect(segment.remaining).toBe(10n)
  })

  test('the end of all ids does not wrap, whatever is asked for', () => {
    const segment = seg(MAX_ID, 3n)
    expect(segment.take(MAX_ID)).toEqual({ first: MAX_ID - 2n, last: MAX_ID })
    expect(segment.take(MAX_ID)).toBeUndefined()
  })

  test('a segment of all ids there are can be taken at once', () => {
    expect(seg(MAX_ID, MAX_ID).take(MAX_ID)).toEqual({ first: 1n, last: MAX_ID })
  })
})

test('single ids and ranges in any mixture leave as from a plain list of ids', () => {
  const ends = fc.constantFrom(100n, 2n ** 53n + 20n, MAX_ID)
  const counts = fc.array(fc.option(fc.bigInt(1n, 40n), { nil: undefined }), { maxLength: 60 })
  fc.assert(
    fc.property(ends, fc.bigInt(0n, 100n), counts, (maxId, size, takes) => {
      const segment = seg(maxId, size)
      const left = idsOf({ first: maxId - size + 1n, last: maxId })
      for (const count of takes) {
        if (count === undefined) {
          expect(segment.incrementAndGet()).toBe(left.shift() ?? SEQUENCE_OVERFLOW)
        } else {
          const range = segment.take(count)
          expect(range === undefined ? [] : idsOf(range)).toEqual(left.splice(0, Number(count)))
        }
        expect(segment.remaining).toBe(BigInt(left.length))
      }
    }),
  )
})

describe('isExpired', () => {
  test('case 5: a segment of long ago with a ttl of a second is expired', () => {
    const clock = { monotonicMs: () => Date.UTC(2026, 10, 21) }
    const segment = seg(20n, 5n, { fetchTime: 0, ttl: 1, clock })
    expect(segment.isExpired()).toBe(true)
    expect(segment.isAvailable()).toBe(false)
    expect(segment.isOverflow()).toBe(false)
  })

  test('case 6: one that lives forever is never expired and never asks the clock', () => {
    const segment = seg(20n, 5n, { fetchTime: 0, clock: UNASKED })
    expect(segment.isExpired()).toBe(false)
    expect(segment.isAvailable()).toBe(true)
  })

  test.each([
    [105, false],
    [110, false],
    [110.001, true],
    [111, true],
  ])('case 7: fetched at 100 with a ttl of 10, at %s: %s', (now, expired) => {
    const segment = seg(20n, 5n, { fetchTime: 100, ttl: 10, clock: standingAt(now) })
    expect(segment.isExpired()).toBe(expired)
  })
})

test('case 12: the overflow segment is not available and gives nothing', () => {
  const segment = overflowSegment()
  expect(segment.isAvailable()).toBe(false)
  expect(segment.incrementAndGet()).toBe(SEQUENCE_OVERFLOW)
  expect(segment.take(1n)).toBeUndefined()
})

/** Takes ids until there is none left (or far too many came), giving way to others after each. */
async function drain(segment: Segment): Promise<bigint[]> {
  const ids: bigint[] = []
  let id = segment.incrementAndGet()
  while (id !== SEQUENCE_OVERFLOW && ids.length < 1_000) {
    ids.push(id)
    await Promise.resolve()
    id = segment.incrementAndGet()
  }
  return ids
}

function idsOf({ first, last }: IdRange): bigint[] {
  return Array.from({ length: Number(last - first + 1n) }, (_, index) => first + BigInt(index))
}
