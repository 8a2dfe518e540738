import { expect, test } from '@jest/globals'
import { firstOf, higherOf, sizeOf } from './id-range.ts'
import { MAX_ID } from './tag.ts'

test('both ends of a range count', () => {
  expect(sizeOf({ first: 7n, last: 7n })).toBe(1n)
  expect(sizeOf({ first: 2n, last: 1001n })).toBe(1000n)
  expect(sizeOf({ first: 1n, last: MAX_ID })).toBe(MAX_ID)
})

test('a range with a step counts the ids that are there, not the numbers between them', () => {
  expect(sizeOf({ first: 7n, last: 7n, step: 65_536n })).toBe(1n)
  expect(sizeOf({ first: 5n, last: 5n + 3n * 65_536n, step: 65_536n })).toBe(4n)
  expect(sizeOf({ first: 1n, last: MAX_ID, step: 2n })).toBe(2n ** 62n)
})

test('of two ids the higher one is found, whichever comes first', () => {
  expect(higherOf(MAX_ID, MAX_ID - 1n)).toBe(MAX_ID)
  expect(higherOf(MAX_ID - 1n, MAX_ID)).toBe(MAX_ID)
  expect(higherOf(3n, 3n)).toBe(3n)
})

test('the first id of several ranges is that of the first range; none have none', () => {
  const ranges = [
    { first: 5n, last: 6n },
    { first: 9n, last: 9n },
  ]
  expect(firstOf(ranges)).toBe(5n)
  expect(() => firstOf([])).toThrow(RangeError)
})
