import { expect, test } from '@jest/globals'
import { tagFrozen, tagNotFound } from '../../../pkg/errors/failures.ts'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import { parseTagName } from '../entity/tag.ts'
import { Refusals } from './refusals.ts'

const tag = parseTagName('order-service')
const other = parseTagName('user-service')
const gone = tagNotFound(tag)

function setUp() {
  const clock = new ManualClock()
  return { clock, refusals: new Refusals(clock) }
}

test('a tag is refused from now until its time has passed, others are not', async () => {
  const { clock, refusals } = setUp()
  expect(refusals.of(tag)).toBeUndefined()
  refusals.remember(tag, gone, 3_000)
  expect(refusals.of(tag)).toBe(gone)
  expect(refusals.of(other)).toBeUndefined()
  await clock.advance(2_999)
  expect(refusals.of(tag)).toBe(gone)
  await clock.advance(1)
  expect(refusals.of(tag)).toBeUndefined()
})

test('for no time at all it is not refused', () => {
  const { refusals } = setUp()
  refusals.remember(tag, gone, 0)
  expect(refusals.of(tag)).toBeUndefined()
})

test('the last word counts, and its time', async () => {
  const { clock, refusals } = setUp()
  const frozen = tagFrozen(tag)
  refusals.remember(tag, gone, 10_000)
  refusals.remember(tag, frozen, 1_000)
  expect(refusals.of(tag)).toBe(frozen)
  await clock.advance(1_000)
  expect(refusals.of(tag)).toBeUndefined()
})

test('what is forgotten is not refused', () => {
  const { refusals } = setUp()
  refusals.remember(tag, gone, 3_000)
  refusals.forget(tag)
  refusals.forget(other)
  expect(refusals.of(tag)).toBeUndefined()
})

test('ten thousand are remembered, beyond them those that were heard of last', () => {
  const { refusals } = setUp()
  refusals.remember(tag, gone, 3_000)
  refusals.remember(other, gone, 3_000)
  for (let n = 0; n < 9_998; n++) refusals.remember(parseTagName(`made-up-${n}`), gone, 3_000)
  expect(refusals.of(tag)).toBe(gone)
  refusals.remember(tag, gone, 3_000)
  refusals.remember(parseTagName('one-more'), gone, 3_000)
  expect(refusals.of(tag)).toBe(gone)
  expect(refusals.of(other)).toBeUndefined()
  expect(refusals.of(parseTagName('made-up-0'))).toBe(gone)
})

test('it sets no timers', () => {
  const { clock, refusals } = setUp()
  refusals.remember(tag, gone, 3_000)
  expect(clock.pending).toBe(0)
})
