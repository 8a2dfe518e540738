import { status } from '@grpc/grpc-js'
import { expect, test } from '@jest/globals'
import { toStatus } from '../../internal/delivery/grpc/status.ts'
import { ERROR_CODES, isErrorCode, UNAVAILABLE_CODES } from './error-code.ts'
import { GolovesError } from './goloves-error.ts'

test('every code is there once, in capitals, as callers compare it', () => {
  expect(new Set(ERROR_CODES).size).toBe(ERROR_CODES.length)
  for (const code of ERROR_CODES) expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/)
})

// Written out a second time on purpose: a code that is renamed or left out breaks programs
// elsewhere.
test('the codes are those that were published', () => {
  const published = `
    CLOCK_MOVED_BACKWARDS COUNT_OUT_OF_RANGE DEADLINE_EXCEEDED ID_INVALID INTERNAL LAYOUT_ENDED
    MEDIA_TYPE_UNSUPPORTED METHOD_NOT_ALLOWED MODE_MISMATCH OVERLOADED PERMISSION_DENIED
    QUOTA_EXCEEDED REQUEST_INVALID REQUEST_TOO_LARGE ROUTE_NOT_FOUND SHUTTING_DOWN
    STORE_UNAVAILABLE STORE_WENT_BACKWARDS TAG_ALREADY_EXISTS TAG_CONFLICT TAG_EXHAUSTED TAG_FROZEN
    TAG_INVALID TAG_NOT_FOUND TAG_OPTION_INVALID UNAUTHENTICATED WORKER_LEASE_LOST
    WORKER_POOL_EXHAUSTED`
  expect(ERROR_CODES.toSorted()).toEqual(published.trim().split(/\s+/))
})

test('what gRPC calls UNAVAILABLE is what makes sense to ask again', () => {
  const unavailable = ERROR_CODES.filter(
    (code) => toStatus(new GolovesError(code, 'Why.')).code === status.UNAVAILABLE,
  )
  expect([...UNAVAILABLE_CODES]).toEqual(unavailable)
})

test('a code is told from other text', () => {
  for (const code of ERROR_CODES) expect(isErrorCode(code)).toBe(true)
  for (const other of ['', 'tag_invalid', 'constructor', undefined, 404]) {
    expect(isErrorCode(other)).toBe(false)
  }
})
