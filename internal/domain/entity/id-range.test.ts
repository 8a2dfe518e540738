import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { firstOf, higherOf, type IdRange, overlap, sizeOf } from './id-range.ts'
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

describe('two ranges overlap', () => {
  const LOW = 65_536n
  const worker = (id: bigint, from: bigint, to: bigint): IdRange => ({
    first: from * LOW + id,
    last: to * LOW + id,
    step: LOW,
  })

  test.each<[string, IdRange, IdRange, boolean]>([
    ['that lie apart', { first: 1n, last: 4n }, { first: 5n, last: 9n }, false],
    ['that touch', { first: 1n, last: 5n }, { first: 5n, last: 9n }, true],
    ['one within the other', { first: 1n, last: 9n }, { first: 4n, last: 5n }, true],
    ['of two workers, side by side', worker(1n, 10n, 20n), worker(2n, 10n, 20n), false],
    ['of one worker', worker(1n, 10n, 20n), worker(1n, 20n, 30n), true],
    [
      'one id between two others',
      { first: 6n, last: 6n },
      { first: 5n, last: 9n, step: 2n },
      false,
    ],
    ['one id and itself', { first: 6n, last: 6n }, { first: 6n, last: 6n, step: LOW }, true],
  ])('%s', (_, one, other, overlaps) => {
    expect(overlap(one, other)).toBe(overlaps)
    expect(overlap(other, one)).toBe(overlaps)
  })

  test('exactly if they share an id, where their steps are one', () => {
    const range = (step: bigint) =>
      fc
        .tuple(fc.bigInt(1n, 60n), fc.bigInt(0n, 9n))
        .map(([first, more]) => ({ first, last: first + more * step, step }))
    const pair = fc.bigInt(1n, 9n).chain((step) => fc.tuple(range(step), range(step)))
    fc.assert(
      fc.property(pair, ([one, other]) => {
        const shared = idsOf(one).some((id) => idsOf(other).includes(id))
        expect(overlap(one, other)).toBe(shared)
      }),
    )
  })
})

function idsOf({ first, last, step = 1n }: IdRange): bigint[] {
  const ids: bigint[] = []
  for (let id = first; id <= last; id += step) ids.push(id)
  return ids
}
