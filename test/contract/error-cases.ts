import type { ErrorCode } from '../../pkg/errors/error-code.ts'
import {
  clockMovedBackwards,
  deadlineExceeded,
  idInvalid,
  layoutEnded,
  modeMismatch,
  overloaded,
  shuttingDown,
  storeUnavailable,
  storeWentBackwards,
  tagExhausted,
  tagFrozen,
  workerLeaseLost,
  workerPoolExhausted,
  workerTaken,
} from '../../pkg/errors/failures.ts'

/** The one tag that exists for these cases. */
export const KNOWN_TAG = 'order-service'

/** The most ids of one request, for these cases. */
export const COUNT_MAX = 1_000_000

/** A request that fails, said so that every transport can make it. */
export interface ErrorCase {
  readonly name: string
  /**
   * With a count it is a NextIds, with an id a DecodeId, else a NextId. The numbers are text because
   * not all fit a number.
   */
  readonly call: { readonly tag: string; readonly count?: string; readonly id?: string }
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
  ...[...failures(), ...snowflakeFailures()].map((row) => ({ call: { tag: KNOWN_TAG }, ...row })),
  {
    name: 'an id that the layout of its tag has not',
    call: { tag: KNOWN_TAG, id: '-1' },
    failure: idInvalid('-1', 'twitter'),
    code: 'ID_INVALID',
  },
  {
    name: 'an id of a tag that has no layout',
    call: { tag: KNOWN_TAG, id: '1' },
    failure: modeMismatch(KNOWN_TAG, 'segment'),
    code: 'MODE_MISMATCH',
  },
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

/** What may become of a request for one id. */
type Failure = Omit<ErrorCase, 'call'>

function failures(): Failure[] {
  return [
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
}

function snowflakeFailures(): Failure[] {
  return [
    {
      name: 'a layout that has ended',
      failure: layoutEnded('twitter', Date.UTC(2080, 6, 10)),
      code: 'LAYOUT_ENDED',
    },
    {
      name: 'a clock that went back',
      failure: clockMovedBackwards(600.5),
      code: 'CLOCK_MOVED_BACKWARDS',
      retryAfterMs: 601,
    },
    {
      name: 'a worker id that was lost',
      failure: workerLeaseLost(500, new Error('connect ECONNREFUSED, password swordfish')),
      code: 'WORKER_LEASE_LOST',
      retryAfterMs: 500,
    },
    {
      name: 'a pool without a free worker id',
      failure: workerPoolExhausted('twitter', 1024, 30_000),
      code: 'WORKER_POOL_EXHAUSTED',
      retryAfterMs: 30_000,
    },
    {
      name: 'a fixed worker id that somebody holds',
      failure: workerTaken('twitter', 7, 12_345),
      code: 'WORKER_POOL_EXHAUSTED',
      retryAfterMs: 12_345,
    },
  ]
}
