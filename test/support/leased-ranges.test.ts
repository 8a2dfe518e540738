import { expect, test } from '@jest/globals'
import { ensureWithin, leasedRanges } from './leased-ranges.ts'

const LEASED = [
  { first: 11n, last: 20n },
  { first: 1n, last: 5n },
  { first: 6n, last: 10n },
]

test('a range within one lease, or across two that touch, was leased', () => {
  ensureWithin(
    [
      { first: 2n, last: 4n },
      { first: 5n, last: 20n },
    ],
    LEASED,
  )
})

test.each([
  [0n, 1n, '0'],
  [20n, 21n, '21'],
  [30n, 30n, '30'],
])('%d to %d was not', (first, last, missing) => {
  expect(() => ensureWithin([{ first, last }], LEASED)).toThrow(`${missing} was not leased`)
})

test('the leases of a tag are read from a log that ends within a line', () => {
  const line = (tag: string) => `{"msg":"Leased","tag":"${tag}","first":"1","last":"5"}`
  const log = `${line('a')}\n${line('b')}\n{"msg":"Ready"}\nno JSON\n${line('a').slice(0, -3)}`
  expect(leasedRanges(log, 'a')).toMatchObject([{ first: 1n, last: 5n }])
})
