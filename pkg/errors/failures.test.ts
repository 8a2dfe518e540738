import { describe, expect, test } from '@jest/globals'
import * as failures from './failures.ts'
import type { GolovesError } from './goloves-error.ts'

interface Case {
  readonly error: GolovesError
  readonly code: string
  readonly says: readonly string[]
  readonly metadata?: Record<string, string>
  readonly retryAfterMs?: number
}

const tag = 'order-service'

const CASES: Record<keyof typeof failures, Case> = {
  tagInvalid: { error: failures.tagInvalid('a b'), code: 'TAG_INVALID', says: ['"a b"', '128'] },
  tagOptionInvalid: {
    error: failures.tagOptionInvalid(tag, 'its step is 0'),
    code: 'TAG_OPTION_INVALID',
    says: [tag, 'its step is 0'],
    metadata: { tag },
  },
  countOutOfRange: {
    error: failures.countOutOfRange('-1', 10_000),
    code: 'COUNT_OUT_OF_RANGE',
    says: ['"-1"', '1 to 10000'],
    metadata: { max: '10000' },
  },
  requestInvalid: {
    error: failures.requestInvalid('The body is no JSON.'),
    code: 'REQUEST_INVALID',
    says: ['The body is no JSON.'],
  },
  requestTooLarge: {
    error: failures.requestTooLarge('A body', 65_536),
    code: 'REQUEST_TOO_LARGE',
    says: ['A body', '65536 bytes'],
  },
  tagNotFound: {
    error: failures.tagNotFound(tag),
    code: 'TAG_NOT_FOUND',
    says: [tag],
    metadata: { tag },
  },
  tagAlreadyExists: {
    error: failures.tagAlreadyExists(tag),
    code: 'TAG_ALREADY_EXISTS',
    says: [tag, 'exists already'],
    metadata: { tag },
  },
  tagConflict: {
    error: failures.tagConflict(tag, 3n, 4n),
    code: 'TAG_CONFLICT',
    says: [tag, 'version 4', 'not 3'],
    metadata: { tag, version: '4' },
  },
  modeMismatch: {
    error: failures.modeMismatch(tag, 'snowflake', ' Ask another.'),
    code: 'MODE_MISMATCH',
    says: [tag, 'snowflake. Ask another.'],
    metadata: { tag, mode: 'snowflake' },
  },
  tagFrozen: { error: failures.tagFrozen(tag), code: 'TAG_FROZEN', says: [tag], metadata: { tag } },
  storeWentBackwards: {
    error: failures.storeWentBackwards(tag, 2n ** 62n),
    code: 'STORE_WENT_BACKWARDS',
    says: [tag, 'above 4611686018427387904'],
    metadata: { tag, above: '4611686018427387904' },
  },
  tagExhausted: {
    error: failures.tagExhausted(tag, 2n ** 63n - 1n),
    code: 'TAG_EXHAUSTED',
    says: [tag, '9223372036854775807'],
    metadata: { tag, maxValue: '9223372036854775807' },
  },
  overloaded: {
    error: failures.overloaded('callers wait', 1_000),
    code: 'OVERLOADED',
    says: ['Too many callers wait'],
    retryAfterMs: 1_000,
  },
  storeUnavailable: {
    error: failures.storeUnavailable(500, new Error('connect ECONNREFUSED')),
    code: 'STORE_UNAVAILABLE',
    says: ['try again'],
    retryAfterMs: 500,
  },
  deadlineExceeded: {
    error: failures.deadlineExceeded(),
    code: 'DEADLINE_EXCEEDED',
    says: ['deadline'],
  },
  countTakesLonger: {
    error: failures.countTakesLonger(1_000_000, 'sonyflake', 39_060),
    code: 'DEADLINE_EXCEEDED',
    says: ['1000000 ids', 'sonyflake', '39060 ms'],
  },
  workerPoolNew: {
    error: failures.workerPoolNew('js-safe', 34_000),
    code: 'WORKER_LEASE_LOST',
    says: ['js-safe is new', 'in 34000 ms'],
    metadata: { pool: 'js-safe' },
    retryAfterMs: 34_000,
  },
  clockOff: {
    error: failures.clockOff(-5_000.4, 500),
    code: 'WORKER_LEASE_LOST',
    says: ['-5000 ms ahead', 'no worker id'],
    retryAfterMs: 500,
  },
  notAnId: {
    error: failures.notAnId('0'),
    code: 'ID_INVALID',
    says: ['"0"', '9223372036854775807'],
  },
  idInvalid: {
    error: failures.idInvalid('-1', 'twitter'),
    code: 'ID_INVALID',
    says: ['twitter', '"-1"'],
    metadata: { layout: 'twitter' },
  },
  layoutEnded: {
    error: failures.layoutEnded('twitter', Date.UTC(2080, 6, 10)),
    code: 'LAYOUT_ENDED',
    says: ['twitter', 'after 2080-07-10T00:00:00.000Z'],
    metadata: { layout: 'twitter', end: '2080-07-10T00:00:00.000Z' },
  },
  clockMovedBackwards: {
    error: failures.clockMovedBackwards(600.2),
    code: 'CLOCK_MOVED_BACKWARDS',
    says: ['601 ms behind'],
    retryAfterMs: 601,
  },
  workerLeaseLost: {
    error: failures.workerLeaseLost(1_000, new Error('connect ECONNREFUSED')),
    code: 'WORKER_LEASE_LOST',
    says: ['no worker id'],
    retryAfterMs: 1_000,
  },
  workerPoolExhausted: {
    error: failures.workerPoolExhausted('js-safe', 8, 12_000),
    code: 'WORKER_POOL_EXHAUSTED',
    says: ['All 8', 'js-safe', 'in 12000 ms'],
    metadata: { pool: 'js-safe', size: '8' },
    retryAfterMs: 12_000,
  },
  workerTaken: {
    error: failures.workerTaken('twitter', 7, 12_000),
    code: 'WORKER_POOL_EXHAUSTED',
    says: ['Worker id 7', 'twitter', 'another instance'],
    metadata: { pool: 'twitter', worker: '7' },
    retryAfterMs: 12_000,
  },
  workerUnknown: {
    error: failures.workerUnknown('js-safe', 8, 7),
    code: 'WORKER_POOL_EXHAUSTED',
    says: ['worker id 8', 'js-safe', '0 to 7'],
    metadata: { pool: 'js-safe', worker: '8' },
  },
  serviceUnreached: {
    error: failures.serviceUnreached(new Error('connect ECONNREFUSED')),
    code: 'STORE_UNAVAILABLE',
    says: ['No instance', 'try again'],
  },
  clientClosed: { error: failures.clientClosed(), code: 'SHUTTING_DOWN', says: ['closed'] },
  shuttingDown: {
    error: failures.shuttingDown(2_000),
    code: 'SHUTTING_DOWN',
    says: ['shutting down'],
    retryAfterMs: 2_000,
  },
}

describe.each(Object.entries(CASES))('%s', (_, { error, code, says, metadata, retryAfterMs }) => {
  test('has its code, its facts and its wait', () => {
    expect(error.code).toBe(code)
    expect(error.metadata).toEqual(metadata ?? {})
    expect(error.retryAfterMs).toBe(retryAfterMs)
  })

  test('is one printable sentence that says what it is about', () => {
    for (const words of says) expect(error.message).toContain(words)
    expect(error.message).toMatch(/^[A-Z][\x20-\x7e]*\.$/)
  })
})

test('a tag that exists can be refused for another reason', () => {
  expect(failures.tagAlreadyExists(tag, 'is of another mode').message).toContain('of another mode')
})

test('a clock that is hardly behind is worth a wait of a millisecond', () => {
  expect(failures.clockMovedBackwards(0).retryAfterMs).toBe(1)
})

test.each([
  ['storeUnavailable', failures.storeUnavailable],
  ['workerLeaseLost', failures.workerLeaseLost],
  ['serviceUnreached', (_: number, cause: Error) => failures.serviceUnreached(cause)],
])('what the store said is kept for the log, and nobody else, in %s', (_, fail) => {
  const cause = new Error('connect ECONNREFUSED 10.0.0.7')
  const error = fail(500, cause)
  expect(error.cause).toBe(cause)
  expect(error.message).not.toContain('ECONNREFUSED')
})

describe('text from a caller', () => {
  test.each([
    ['tagInvalid', failures.tagInvalid],
    ['countOutOfRange', (text: string) => failures.countOutOfRange(text, 10)],
    ['idInvalid', (text: string) => failures.idInvalid(text, 'twitter')],
  ])('is cut short in %s', (_, fail) => {
    const { message } = fail('x'.repeat(100_000))
    expect(message).toContain(`"${'x'.repeat(40)}…"`)
    expect(message.length).toBeLessThan(200)
    expect(fail('x'.repeat(40)).message).toContain(`"${'x'.repeat(40)}"`)
  })

  test('cannot break out of its quotes or its line', () => {
    const { message } = failures.tagInvalid('a"\n\u001b[31m\u0000')
    expect(message).toContain('"a\\"\\n\\u001b[31m\\u0000"')
  })

  test('is well formed also where the cut splits a character', () => {
    expect(failures.tagInvalid(`${'x'.repeat(39)}🙂🙂`).message.isWellFormed()).toBe(true)
  })
})
