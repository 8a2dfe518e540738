import { expect, test } from '@jest/globals'
import { SEQUENCE_OVERFLOW } from './id-segment.ts'
import { MergedIdSegment } from './merged-id-segment.ts'

const clock = { monotonicMs: () => 0 }

test('case 11: a merged segment reads and counts as one', () => {
  const merged = new MergedIdSegment({
    offset: 0n,
    maxId: 10n,
    fetchTime: 123,
    ttl: 456,
    clock,
    segments: 2,
  })
  expect(merged).toMatchObject({ segments: 2, singleSize: 5n, size: 10n, step: 1n })
  expect(merged).toMatchObject({ offset: 0n, maxId: 10n, fetchTime: 123, ttl: 456 })
  const ids = Array.from({ length: 11 }, () => merged.incrementAndGet())
  expect(ids).toEqual([1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n, 10n, SEQUENCE_OVERFLOW])
})

test('a lease that was cut short at the end of the ids has a single size rounded down', () => {
  expect(new MergedIdSegment({ offset: 0n, maxId: 11n, segments: 2 }).singleSize).toBe(5n)
})

test.each([0, -1, 1.5, Number.NaN])('%s segments are refused', (segments) => {
  const make = () => new MergedIdSegment({ offset: 0n, maxId: 10n, segments })
  expect(make).toThrow(new RangeError(`${segments} segments can't be merged.`))
})
