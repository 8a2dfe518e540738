import { expect, test } from '@jest/globals'
import { type Answered, ensureDisjoint, ensureIncreasing } from './answered.ts'

/** `1-3 5` */
function rangesOf(text: string) {
  return text.split(' ').map((part) => {
    const [first = '', last = first] = part.split('-')
    return { first: BigInt(first), last: BigInt(last) }
  })
}

/** `0 to 9: 1-3 5`, a call's two moments and what it got. */
function answered(text: string): Answered {
  const [, beganMs, endedMs, ranges = ''] = /^(\d+) to (\d+): (.*)$/.exec(text) ?? []
  return { beganMs: Number(beganMs), endedMs: Number(endedMs), ranges: rangesOf(ranges) }
}

test.each(['5', '4-6 1-3 7'])('%s has no id twice', (text) => {
  expect(() => ensureDisjoint(rangesOf(text))).not.toThrow()
})

test.each(['1-3 5 5', '3-9 1-3', '5-6 1-9 2-3', '4 1-2 3-8'])('%s has an id twice', (text) => {
  expect(() => ensureDisjoint(rangesOf(text))).toThrow('Twice')
})

test.each([
  [['0 to 1: 1-3 5', '2 to 3: 6']],
  [['2 to 3: 6', '0 to 1: 1-3 5']],
  [['0 to 9: 6', '1 to 2: 3', '3 to 4: 5']],
  [['0 to 2: 6', '2 to 3: 5']],
])('%j increase', (texts) => {
  expect(() => ensureIncreasing(texts.map(answered))).not.toThrow()
})

test.each([
  [['0 to 1: 1-3 5', '2 to 3: 4']],
  [['0 to 1: 5', '2 to 3: 5']],
  [['0 to 1: 5-6 3-4']],
  [['0 to 1: 7', '0 to 2: 3', '3 to 4: 5']],
])('%j do not increase', (texts) => {
  expect(() => ensureIncreasing(texts.map(answered))).toThrow('came after')
})
