import { expect, test } from '@jest/globals'
import { MAX_ID, parseTagName } from '../entity/tag.ts'
import { HighWaterMarks } from './high-water-marks.ts'

const a = parseTagName('a')
const b = parseTagName('b')
const c = parseTagName('c')

test('a tag that was never leased has the mark 0', () => {
  expect(new HighWaterMarks().of(a)).toBe(0n)
})

test('a mark rises and never falls', () => {
  const marks = new HighWaterMarks()
  for (const [maxId, mark] of [
    [1_000n, 1_000n],
    [999n, 1_000n],
    [1_000n, 1_000n],
    [0n, 1_000n],
    [MAX_ID, MAX_ID],
    [1n, MAX_ID],
  ] as const) {
    marks.raise(a, maxId)
    expect(marks.of(a)).toBe(mark)
  }
})

test('each tag has its own', () => {
  const marks = new HighWaterMarks()
  marks.raise(a, 10n)
  marks.raise(b, 20n)
  expect([marks.of(a), marks.of(b), marks.of(c)]).toEqual([10n, 20n, 0n])
})

test('beyond the limit the tag is forgotten that was leased longest ago', () => {
  const marks = new HighWaterMarks(2)
  marks.raise(a, 10n)
  marks.raise(b, 20n)
  marks.raise(a, 5n)
  marks.raise(c, 30n)
  expect([marks.of(a), marks.of(b), marks.of(c)]).toEqual([10n, 0n, 30n])
})

test('up to the limit nothing is forgotten', () => {
  const marks = new HighWaterMarks(3)
  for (const tag of [a, b, c, a, b, c]) marks.raise(tag, 7n)
  expect([marks.of(a), marks.of(b), marks.of(c)]).toEqual([7n, 7n, 7n])
})
