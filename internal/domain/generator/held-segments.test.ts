import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { countOf } from '../../../test/support/count-of.ts'
import type { IdRange } from '../entity/id-range.ts'
import { NextIdSegmentExpiredError, SEQUENCE_OVERFLOW } from '../entity/id-segment.ts'
import { Segment, type SegmentOptions } from '../entity/segment.ts'
import { MAX_ID } from '../entity/tag.ts'
import { HeldSegments } from './held-segments.ts'

/** Holds the segments `(offset, maxId]` in this order. */
function holding(...segments: readonly (readonly [bigint, bigint])[]): HeldSegments {
  const held = new HeldSegments()
  for (const [offset, maxId] of segments) held.append(new Segment({ offset, maxId }))
  return held
}

describe('without segments', () => {
  test('there is nothing to take and nothing to drop', () => {
    const held = new HeldSegments()
    expect(held).toMatchObject({ isEmpty: true, ready: 0n, givenOut: 0n, ranges: [] })
    expect(held.incrementAndGet()).toBe(SEQUENCE_OVERFLOW)
    expect(held.take(1)).toBeUndefined()
    expect(held.inUse.remaining).toBe(0n)
    expect(held.drop()).toBe(0n)
  })
})

describe('take', () => {
  test('crosses from one segment to the next, a range for each', () => {
    const held = holding([1n, 4n], [10n, 12n], [20n, 29n])
    expect(held.take(6)).toEqual([
      { first: 2n, last: 4n },
      { first: 11n, last: 12n },
      { first: 21n, last: 21n },
    ])
    expect(held).toMatchObject({ ready: 8n, givenOut: 6n })
    expect(held.inUse.offset).toBe(20n)
  })

  test('joins what is consecutive into one range', () => {
    expect(holding([1n, 4n], [4n, 9n]).take(8)).toEqual([{ first: 2n, last: 9n }])
  })

  test('is all or nothing', () => {
    const held = holding([1n, 4n], [10n, 12n])
    expect(held.take(6)).toBeUndefined()
    expect(held).toMatchObject({ ready: 5n, givenOut: 0n })
    expect(held.take(5)).toHaveLength(2)
    expect(held.isEmpty).toBe(true)
  })

  test('goes on with a segment that came after all others were used up', () => {
    const held = holding([0n, 2n])
    held.take(2)
    held.append(new Segment({ offset: 7n, maxId: 9n }))
    expect(held.incrementAndGet()).toBe(SEQUENCE_OVERFLOW)
    expect(held.take(1)).toEqual([{ first: 8n, last: 8n }])
    expect(held.incrementAndGet()).toBe(9n)
  })

  test('reaches the last id there can be', () => {
    const held = holding([MAX_ID - 4n, MAX_ID - 2n], [MAX_ID - 2n, MAX_ID])
    expect(held.take(4)).toEqual([{ first: MAX_ID - 3n, last: MAX_ID }])
    expect(held.take(1)).toBeUndefined()
    expect(held).toMatchObject({ isEmpty: true, ready: 0n, givenOut: 4n })
  })
})

test('incrementAndGet stays within the segment in use', () => {
  const held = holding([0n, 2n], [2n, 3n])
  held.take(1)
  expect(held.incrementAndGet()).toBe(2n)
  expect(held.incrementAndGet()).toBe(SEQUENCE_OVERFLOW)
  expect(held).toMatchObject({ isEmpty: false, ready: 1n })
})

describe('append', () => {
  test.each([5n, 0n])('behind offset 5 an offset of %s is refused and not held', (offset) => {
    const held = holding([5n, 9n])
    const late = new Segment({ offset, maxId: 20n })
    expect(() => held.append(late)).toThrow(NextIdSegmentExpiredError)
    expect(held.ranges).toEqual([{ first: 6n, last: 9n }])
  })
})

describe('append, where a reset is allowed', () => {
  const [low, high, between] = [
    { offset: 0n, maxId: 5n },
    { offset: 20n, maxId: 29n },
    { offset: 10n, maxId: 15n },
  ]

  function holdingInAnyOrder(...segments: readonly SegmentOptions[]): HeldSegments {
    const held = new HeldSegments(true)
    for (const segment of segments) held.append(new Segment(segment))
    return held
  }

  test('takes segments in any order, and gives them in that order', () => {
    const held = holdingInAnyOrder(high, low, between)
    expect(held.take(19)).toEqual([
      { first: 21n, last: 29n },
      { first: 1n, last: 5n },
      { first: 11n, last: 15n },
    ])
    expect(held).toMatchObject({ isEmpty: true, givenOut: 19n })
  })

  test.each([
    ['the one in use, also where its ids have left', { offset: 20n, maxId: 21n }],
    ['one behind it', { offset: 4n, maxId: 9n }],
    ['two of them', { offset: 3n, maxId: 40n }],
  ])('refuses one that has ids of %s', (_, segment) => {
    const held = holdingInAnyOrder(high, low)
    held.take(3)
    const before = held.ranges
    expect(() => held.append(new Segment(segment))).toThrow(NextIdSegmentExpiredError)
    expect(held.ranges).toEqual(before)
  })

  test('takes the ids of two workers that lie between each other', () => {
    const held = holdingInAnyOrder(
      { offset: 0n, maxId: 40n, step: 4n },
      { offset: 1n, maxId: 41n, step: 4n },
    )
    expect(held.ready).toBe(20n)
    expect(() => held.append(new Segment({ offset: 17n, maxId: 21n, step: 4n }))).toThrow(
      NextIdSegmentExpiredError,
    )
  })
})

describe('drop', () => {
  test('forgets what is left, and counts only what left before as given out', () => {
    const held = holding([0n, 10n], [10n, 20n])
    held.take(3)
    expect(held.drop()).toBe(17n)
    expect(held).toMatchObject({ isEmpty: true, ready: 0n, givenOut: 3n, ranges: [] })
    expect(held.take(1)).toBeUndefined()
    expect(held.incrementAndGet()).toBe(SEQUENCE_OVERFLOW)
  })

  test('of what an operator raised, lower segments may follow', () => {
    const held = holding([100n, 110n])
    held.drop()
    held.append(new Segment({ offset: 0n, maxId: 5n }))
    expect(held.take(1)).toEqual([{ first: 1n, last: 1n }])
  })
})

type Step =
  | { readonly do: 'append'; readonly gap: bigint; readonly size: bigint }
  | { readonly do: 'take'; readonly count: number }
  | { readonly do: 'next' }
  | { readonly do: 'drop' }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('append'), gap: fc.bigInt(0n, 3n), size: fc.bigInt(1n, 12n) }),
  fc.record({ do: fc.constant('take'), count: fc.integer({ min: 1, max: 30 }) }),
  { weight: 3, arbitrary: fc.record({ do: fc.constant('next') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('drop') }) },
)

/** The same with plain lists of ids: one list for each segment, the first of them in use. */
class Model {
  segments: bigint[][] = []
  end = 0n
  givenOut = 0n

  run(held: HeldSegments, step: Step): void {
    if (step.do === 'append') this.#append(held, step.gap, step.size)
    else if (step.do === 'take') this.#take(held, step.count)
    else if (step.do === 'next') this.#next(held)
    else this.#drop(held)
  }

  get ids(): bigint[] {
    return this.segments.flat()
  }

  #append(held: HeldSegments, gap: bigint, size: bigint): void {
    const range = { first: this.end + gap + 1n, last: this.end + gap + size }
    held.append(new Segment({ offset: range.first - 1n, maxId: range.last }))
    this.segments.push(idsOf([range]))
    this.end = range.last
  }

  #take(held: HeldSegments, count: number): void {
    const ranges = held.take(count)
    const taken = this.ids.length < count ? undefined : this.ids.slice(0, count)
    expect(ranges && idsOf(ranges)).toEqual(taken)
    this.#remove(taken ?? [])
  }

  #next(held: HeldSegments): void {
    const id = held.incrementAndGet()
    const expected = this.ids[0]
    if (id !== SEQUENCE_OVERFLOW) {
      expect(id).toBe(expected)
      this.#remove([id])
    } else if (expected !== undefined) {
      // The overflow value may only mean that the segment in use has come to its end.
      expect(held.inUse.remaining).toBe(0n)
    }
  }

  #drop(held: HeldSegments): void {
    expect(held.drop()).toBe(BigInt(this.ids.length))
    this.segments = []
  }

  #remove(taken: readonly bigint[]): void {
    const gone = new Set(taken)
    this.segments = this.segments.map((ids) => ids.filter((id) => !gone.has(id)))
    this.givenOut += BigInt(taken.length)
  }
}

test('any mixture of calls does what plain lists of ids would', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const held = new HeldSegments()
      const model = new Model()
      for (const step of steps) {
        model.run(held, step)
        const { ids, givenOut } = model
        expect(idsOf(held.ranges)).toEqual(ids)
        expect(held).toMatchObject({
          ready: BigInt(ids.length),
          isEmpty: ids.length === 0,
          givenOut,
        })
        expect(countOf(held.ranges)).toBe(held.ready)
      }
    }),
    { numRuns: 200 },
  )
})

function idsOf(ranges: readonly IdRange[]): bigint[] {
  return ranges.flatMap(({ first, last }) =>
    Array.from({ length: Number(last - first + 1n) }, (_, index) => first + BigInt(index)),
  )
}
