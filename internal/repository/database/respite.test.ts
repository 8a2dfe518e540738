import { expect, test } from '@jest/globals'
import { Respite } from './respite.ts'

const FIRST = new Error('first')
const SECOND = new Error('second')

function failedTwice(): Respite {
  const respite = new Respite()
  respite.failed(FIRST, 0)
  respite.failed(SECOND, 1_000)
  return respite
}

test('one failure is none: the host may be asked again at once', () => {
  const respite = new Respite()
  respite.ensureOver(0)
  respite.failed(FIRST, 0)
  respite.ensureOver(0)
})

test('after the second in a row it is left alone for a tenth of a second', () => {
  const respite = failedTwice()
  expect(() => respite.ensureOver(1_000)).toThrow(SECOND)
  expect(() => respite.ensureOver(1_099)).toThrow(SECOND)
  respite.ensureOver(1_100)
})

test('a further failure begins the next respite', () => {
  const respite = failedTwice()
  respite.failed(FIRST, 1_100)
  expect(() => respite.ensureOver(1_199)).toThrow(FIRST)
  respite.ensureOver(1_200)
})

test('what works in between makes the next failure the first', () => {
  const respite = failedTwice()
  respite.worked()
  respite.failed(FIRST, 1_100)
  respite.ensureOver(1_100)
})
