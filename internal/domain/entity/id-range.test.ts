import { expect, test } from '@jest/globals'
import { firstOf, sizeOf } from './id-range.ts'
import { MAX_ID } from './tag.ts'

test('both ends of a range count', () => {
  expect(sizeOf({ first: 7n, last: 7n })).toBe(1n)
  expect(sizeOf({ first: 2n, last: 1001n })).toBe(1000n)
  expect(sizeOf({ first: 1n, last: MAX_ID })).toBe(MAX_ID)
})

test('the first id of several ranges is that of the first range; none have none', () => {
  const ranges = [
    { first: 5n, last: 6n },
    { first: 9n, last: 9n },
  ]
  expect(firstOf(ranges)).toBe(5n)
  expect(() => firstOf([])).toThrow(RangeError)
})
