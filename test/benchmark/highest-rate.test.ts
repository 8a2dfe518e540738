import { expect, test } from '@jest/globals'
import { highestRate } from './highest-rate.ts'

/** Searches below 50,000 for what holds up to `limit`. */
async function search(limit: number, attemptsMax = Number.POSITIVE_INFINITY) {
  const tried: number[] = []
  const holdsAt = async (rate: number) => {
    tried.push(rate)
    return rate <= limit
  }
  const found = await highestRate(50_000, holdsAt, () => tried.length < attemptsMax)
  return { found, tried }
}

test('a rate is halved until it holds, and then raised as far as it does', async () => {
  expect(await search(20_000)).toStrictEqual({
    found: 18_750,
    tried: [25_000, 12_500, 18_750, 21_875],
  })
})

test('what holds at no rate is given up', async () => {
  const { found, tried } = await search(0)
  expect(found).toBeUndefined()
  expect(tried).toStrictEqual([25_000, 12_500, 6250, 3125, 1563, 782])
})

test('without time the best so far is the result', async () => {
  expect(await search(20_000, 2)).toStrictEqual({ found: 12_500, tried: [25_000, 12_500] })
  expect(await search(20_000, 1)).toStrictEqual({ found: undefined, tried: [25_000] })
})
