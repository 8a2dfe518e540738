import { describe, expect, test } from '@jest/globals'
import { GolovesError } from './goloves-error.ts'

test('it is an error with a code, and says no more than it was told', () => {
  const error = new GolovesError('TAG_NOT_FOUND', 'There is no such tag.')
  expect(error).toBeInstanceOf(Error)
  expect(error.name).toBe('GolovesError')
  expect(error.code).toBe('TAG_NOT_FOUND')
  expect(error.message).toBe('There is no such tag.')
  expect(error.metadata).toEqual({})
  expect(error.retryAfterMs).toBeUndefined()
  expect(Object.hasOwn(error, 'cause')).toBe(false)
})

test('it carries facts, a wait and a cause where there are some', () => {
  const cause = new Error('ECONNRESET')
  const options = { metadata: { tag: 'a' }, retryAfterMs: 500, cause }
  const error = new GolovesError('STORE_UNAVAILABLE', 'Later.', options)
  expect(error).toMatchObject(options)
  expect(error.cause).toBe(cause)
})

describe('from', () => {
  test('leaves a failure as it is', () => {
    const error = new GolovesError('OVERLOADED', 'Too many.')
    expect(GolovesError.from(error)).toBe(error)
  })

  test.each([
    ['an error', new TypeError('secret of the inside')],
    ['a text', 'secret of the inside'],
    ['an object', { code: 'TAG_NOT_FOUND', message: 'secret of the inside' }],
    ['null', null],
  ])('makes %s INTERNAL, which keeps what happened from callers', (_, thrown) => {
    const error = GolovesError.from(thrown)
    expect(error.code).toBe('INTERNAL')
    expect(error.message).not.toContain('secret')
    expect(error.metadata).toEqual({})
    expect(JSON.stringify(error)).not.toContain('secret')
    expect(error.cause).toBe(thrown)
  })

  test('makes a failure even of nothing at all', () => {
    expect(GolovesError.from(undefined).code).toBe('INTERNAL')
  })
})
