import { describe, expect, test } from '@jest/globals'
import type { Group } from './grouped.ts'
import { NextIdSegmentExpiredError, SEQUENCE_OVERFLOW } from './id-segment.ts'
import { IdSegmentChain } from './id-segment-chain.ts'
import { MergedIdSegment } from './merged-id-segment.ts'
import { Segment } from './segment.ts'

/** The segment `(offset, offset + size]`. */
function segment(offset: bigint, size = 10n): Segment {
  return new Segment({ offset, maxId: offset + size })
}

describe('a new chain', () => {
  test('case 20: its root has version -1 and no ids', () => {
    const root = IdSegmentChain.newRoot()
    expect(root.version).toBe(-1)
    expect(root.isAvailable()).toBe(false)
    expect(root.incrementAndGet()).toBe(SEQUENCE_OVERFLOW)
    expect(root.take(1n)).toBeUndefined()
    expect(root.next).toBeUndefined()
  })

  test('case 23: its first link can stand for three segments', () => {
    const root = IdSegmentChain.newRoot()
    const link = root.link(new MergedIdSegment({ offset: 0n, maxId: 30n, segments: 3 }))
    expect(link).toMatchObject({ version: 0, offset: 0n, maxId: 30n })
    expect(link.segment.size).toBe(30n)
    expect(link.gap(link, 10n)).toBe(3n)
  })
})

describe('a link', () => {
  test('is an id segment by the segment it holds', () => {
    const clock = { monotonicMs: () => 6_001 }
    const held = new Segment({ offset: 10n, maxId: 13n, fetchTime: 1, ttl: 5, clock })
    const link = IdSegmentChain.newRoot().link(held)
    expect(link.segment).toBe(held)
    expect(link.incrementAndGet()).toBe(11n)
    expect(link).toMatchObject({ offset: 10n, maxId: 13n, sequence: 11n, step: 1n })
    expect(link).toMatchObject({ fetchTime: 1, ttl: 5 })
    expect(link.take(5n)).toEqual({ first: 12n, last: 13n })
    expect(held.remaining).toBe(0n)
    expect(link.isExpired()).toBe(true)
  })

  test('belongs to the group of its segment', () => {
    class YearlySegment extends Segment {
      override get group(): Group {
        return { by: 'year', key: '2026' }
      }
    }
    const yearly = new YearlySegment({ offset: 0n, maxId: 1n })
    expect(IdSegmentChain.newRoot().link(yearly).group).toEqual({ by: 'year', key: '2026' })
  })

  test('counts on from the version of the one before, and allows reset as it does', () => {
    const first = IdSegmentChain.newRoot(true).link(segment(0n))
    expect(first.link(segment(10n))).toMatchObject({ version: 1, allowReset: true })
    expect(IdSegmentChain.newRoot().link(segment(0n)).allowReset).toBe(false)
  })
})

describe('trySetNext', () => {
  test('case 24: sets the next link once, and does not even make a second', () => {
    const root = IdSegmentChain.newRoot()
    let made = 0
    const make = (current: IdSegmentChain) => {
      made += 1
      return current.link(segment(0n))
    }
    expect(root.trySetNext(make)).toBe(true)
    const { next } = root
    expect(root.trySetNext(make)).toBe(false)
    expect(made).toBe(1)
    expect(root.next).toBe(next)
    expect(next?.version).toBe(0)
  })

  test('a link that may not follow is refused and leaves the place free', () => {
    const link = IdSegmentChain.newRoot().link(segment(10n))
    expect(() => link.trySetNext((current) => current.link(segment(0n)))).toThrow(
      NextIdSegmentExpiredError,
    )
    expect(link.next).toBeUndefined()
    expect(link.trySetNext((current) => current.link(segment(20n)))).toBe(true)
  })
})

describe('setNext', () => {
  test.each([10n, 9n])('case 25: behind offset 10 an offset of %s needs reset', (offset) => {
    const strict = IdSegmentChain.newRoot().link(segment(10n))
    expect(() => strict.setNext(strict.link(segment(offset)))).toThrow(NextIdSegmentExpiredError)
    expect(strict.next).toBeUndefined()

    const lenient = IdSegmentChain.newRoot(true).link(segment(10n))
    const next = lenient.link(segment(offset))
    lenient.setNext(next)
    expect(lenient.next).toBe(next)
  })

  test.each([false, true])('is refused a second time, also where reset is %s', (allowReset) => {
    const root = IdSegmentChain.newRoot(allowReset)
    const next = root.link(segment(0n))
    root.setNext(next)
    expect(() => root.setNext(root.link(segment(20n)))).toThrow('successor')
    expect(root.next).toBe(next)
  })
})

test('ensureSetNext appends behind the last link, wherever it is called', () => {
  const root = IdSegmentChain.newRoot()
  const first = root.ensureSetNext(segment(0n))
  const second = root.ensureSetNext(segment(10n))
  expect(root.next).toBe(first)
  expect(first.next).toBe(second)
  expect([first.version, second.version]).toEqual([0, 1])
  expect(() => root.ensureSetNext(segment(5n))).toThrow(NextIdSegmentExpiredError)
})

describe('gap', () => {
  test.each([
    [0, 3n],
    [1, 2n],
    [10, 2n],
    [11, 1n],
    [20, 1n],
  ])('after %s of 30 ids it counts %s whole segments of ten', (taken, gap) => {
    const first = IdSegmentChain.newRoot().link(segment(0n, 20n))
    const end = first.ensureSetNext(segment(20n))
    for (let count = 0; count < taken; count++) first.incrementAndGet()
    expect(first.gap(end, 10n)).toBe(gap)
  })
})
