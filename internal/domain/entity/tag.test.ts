import { describe, expect, test } from '@jest/globals'
import { MAX_ID, MAX_STEP, parseTagName } from './tag.ts'

test('the limits are those of the columns: a signed 64-bit and a signed 32-bit integer', () => {
  expect(MAX_ID).toBe(9223372036854775807n)
  expect(MAX_STEP).toBe(2147483647)
})

describe('parseTagName', () => {
  test.each(['order-service', 'a', '7', 'A.b_C-9', 'x'.repeat(128), 'ORDER-service', 'a..', 'a--'])(
    '%j is a tag',
    (text) => {
      expect(parseTagName(text)).toBe(text)
    },
  )

  test.each([
    '',
    'x'.repeat(129),
    '-a',
    '.a',
    '_a',
    'a b',
    ' a',
    'a ',
    'a\n',
    '\na',
    'a\u0000',
    'a/b',
    'a:b',
    'é',
    'a🙂',
    'а', // The Cyrillic letter.
    '１', // A digit of full width.
  ])('%j is not', (text) => {
    expect(() => parseTagName(text)).toThrow(expect.objectContaining({ code: 'TAG_INVALID' }))
  })
})
