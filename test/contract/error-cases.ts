import type { ErrorCode } from '../../pkg/errors/error-code.ts'
import {
  deadlineExceeded,
  overloaded,
  shuttingDown,
  storeUnavailable,
  storeWentBackwards,
  tagExhausted,
  tagFrozen,
} from '../../pkg/errors/failures.ts'

/** The one tag that exists for these cases. */
export const KNOWN_TAG = 'order-service'

/** The most ids of one request, for these cases. */
export const COUNT_MAX = 1_000_000

/** A request for ids that fails, said so that every transport can make it. */
export interface ErrorCase {
  readonly name: string
  /** Without a count it is a NextId, with one a NextIds. The count is text because not all fit a number. */
  readonly call: { readonly tag: string; readonly count?: string }
  /** What the use case fails with, thrown or rejected; left out where the request itself is at fault. */
  readonly failure?: unknown
  readonly code: ErrorCode
  /** The wait that the caller must be told; left out where there is none to tell. */
  readonly retryAfterMs?: number
  /** The case cannot be put into the messages of gRPC. */
  readonly httpOnly?: true
}

/** Every error that both transports have to translate, in one table, so that they agree. */
export const ERROR_CASES: readonly ErrorCase[] = [
  ...requestFaults(),
  ...failures(),
  {
    name: 'a mistake in our own code',
    call: { tag: KNOWN_TAG },
    failure: new TypeError("Cannot read properties of undefined (reading 'password')"),
    code: 'INTERNAL',
  },
]

function requestFaults(): ErrorCase[] {
  return [
    { name: 'an unknown tag', call: { tag: 'nobody' }, code: 'TAG_NOT_FOUND' },
    { name: 'many ids of an unknown tag', call: { tag: 'x', count: '5' }, code: 'TAG_NOT_FOUND' },
    { name: 'a tag named like a property', call: { tag: 'constructor' }, code: 'TAG_NOT_FOUND' },
    { name: 'an empty tag', call: { tag: '' }, code: 'TAG_INVALID' },
    { name: 'many ids of an empty tag', call: { tag: '', count: '5' }, code: 'TAG_INVALID' },
    { name: 'a tag of 129 characters', call: { tag: 'a'.repeat(129) }, code: 'TAG_INVALID' },
    { name: 'an emoji', call: { tag: '😀' }, code: 'TAG_INVALID' },
    ...['0', '-1', String(2 ** 31), String(COUNT_MAX + 1), String(2n ** 63n - 1n)].map(badCount),
    { ...badCount(String(2n ** 63n)), httpOnly: true },
  ]
}

function badCount(count: string): ErrorCase {
  return {
    name: `a count of ${count}`,
    call: { tag: KNOWN_TAG, count },
    code: 'COUNT_OUT_OF_RANGE',
  }
}

function failures(): ErrorCase[] {
  const rows: readonly Omit<ErrorCase, 'call'>[] = [
    { name: 'a frozen tag', failure: tagFrozen(KNOWN_TAG), code: 'TAG_FROZEN' },
    { name: 'a used-up tag', failure: tagExhausted(KNOWN_TAG, 9n), code: 'TAG_EXHAUSTED' },
    {
      name: 'a store that went backwards',
      failure: storeWentBackwards(KNOWN_TAG, 9n),
      code: 'STORE_WENT_BACKWARDS',
    },
    {
      name: 'a store that does not answer',
      failure: storeUnavailable(250, new Error('connect ECONNREFUSED, password swordfish')),
      code: 'STORE_UNAVAILABLE',
      retryAfterMs: 250,
    },
    {
      name: 'too many callers',
      failure: overloaded('callers', 1500),
      code: 'OVERLOADED',
      retryAfterMs: 1500,
    },
    {
      name: 'a service that shuts down',
      failure: shuttingDown(1000),
      code: 'SHUTTING_DOWN',
      retryAfterMs: 1000,
    },
    { name: 'a deadline that passed', failure: deadlineExceeded(), code: 'DEADLINE_EXCEEDED' },
  ]
  return rows.map((row) => ({ ...row, call: { tag: KNOWN_TAG } }))
}
