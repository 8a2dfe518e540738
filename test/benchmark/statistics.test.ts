import { describe, expect, test } from '@jest/globals'
import {
  type Bar,
  exitCodeOf,
  ratiosOf,
  resolutionOf,
  spreadOf,
  type Verdict,
  verdictOf,
} from './statistics.ts'

const NINE = [5, 1, 9, 3, 7, 2, 8, 4, 6]

describe('the spread', () => {
  test('of nine figures goes from the second to the eighth', () => {
    expect(spreadOf(NINE)).toStrictEqual({ median: 5, low: 2, high: 8 })
  })

  test.each([
    // Conover's table of confidence intervals of a median, at 95 % at least.
    [10, 2],
    [11, 2],
    [12, 3],
    [15, 4],
    [20, 6],
    [25, 8],
  ])('of %i figures begins with number %i', (count, first) => {
    const figures = Array.from({ length: count }, (_, index) => index + 1)
    expect(spreadOf(figures)).toStrictEqual({
      median: (count + 1) / 2,
      low: first,
      high: count + 1 - first,
    })
  })

  test('is not made of too few figures', () => {
    expect(() => spreadOf(NINE.slice(1))).toThrow('8 figures are too few.')
  })

  test('is not moved by one figure that is far off', () => {
    expect(spreadOf([...NINE.filter((figure) => figure < 9), 9000])).toStrictEqual(spreadOf(NINE))
  })
})

test('ratios are made round by round', () => {
  expect(ratiosOf([1, 4], [2, 2])).toStrictEqual([0.5, 2])
  expect(() => ratiosOf([1, 4], [2])).toThrow('A figure has no other beside it.')
})

test.each([
  ['above', [0.9, 0.99, 1, 1, 1, 1, 1, 1.03, 1.2], 0.03],
  ['below', [0.9, 0.96, 1, 1, 1, 1, 1, 1.03, 1.2], 0.04],
  ['on one side only', [1.02, 1.02, 1.02, 1.02, 1.02, 1.02, 1.02, 1.02, 1.02], 0.02],
])('the resolution is the bound that is farther from 1: %s', (_, ratios, resolution) => {
  expect(resolutionOf(ratios)).toBeCloseTo(resolution, 10)
})

describe('the verdict', () => {
  const floor: Bar = { atLeast: 0.9 }
  const ceiling: Bar = { atMost: 1.25 }
  const around = (median: number, reach = 0.001) =>
    Array.from({ length: 9 }, (_, index) => median + ((index - 4) * reach) / 4)

  test.each<[string, number, Bar, Verdict]>([
    ['clearly above a floor', 0.95, floor, 'passes'],
    ['clearly below a floor', 0.85, floor, 'falls short'],
    ['a little above a floor', 0.91, floor, 'no verdict'],
    ['a little below a floor', 0.89, floor, 'no verdict'],
    ['clearly below a ceiling', 1.2, ceiling, 'passes'],
    ['clearly above a ceiling', 1.3, ceiling, 'falls short'],
    ['a little below a ceiling', 1.23, ceiling, 'no verdict'],
    ['a little above a ceiling', 1.27, ceiling, 'no verdict'],
    ['above a floor that is far from 1', 31, { atLeast: 30 }, 'passes'],
    [
      'above a floor that is far from 1, by less than the share',
      30.5,
      { atLeast: 30 },
      'no verdict',
    ],
  ])('%s', (_, median, bar, verdict) => {
    expect(verdictOf(around(median), bar, 0.02)).toBe(verdict)
  })

  test('is none where the ratios themselves lie on both sides', () => {
    expect(verdictOf(around(0.95, 0.1), floor, 0.02)).toBe('no verdict')
  })
})

test.each<[Verdict[], number]>([
  [[], 0],
  [['passes', 'passes'], 0],
  [['passes', 'no verdict'], 3],
  [['no verdict', 'falls short', 'passes'], 1],
])('%j ends with %i', (verdicts, code) => {
  expect(exitCodeOf(verdicts)).toBe(code)
})
