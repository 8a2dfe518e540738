import { expect, test } from '@jest/globals'
import { Taking } from './taking.ts'

/** Gives these one by one, and fails after the last. */
function oneByOne<Id>(ids: Id[]): () => Id {
  const left = ids.values()
  return () => {
    const { value, done } = left.next()
    if (done) throw new Error('There are no more.')
    return value
  }
}

test('an id that a caller has had already is none', async () => {
  const next = oneByOne([1n, 2n, 2n])
  await expect(new Taking().ask(1, async () => next())).rejects.toThrow('After 2 came 2.')
})

test('without a promise, too', async () => {
  const next = oneByOne([1n, undefined, 2n, 1n])
  await expect(new Taking().askNow(next)).rejects.toThrow('After 2 came 1.')
})

test('all callers come to an end with their last id, and each id counts', async () => {
  const taking = new Taking()
  let given = 0
  const next = async () => {
    given += 1
    taking.isOver = given >= 10
    return given
  }
  await taking.ask(3, next)
  expect(taking.count).toBe(given)
})
