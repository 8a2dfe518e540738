import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ERROR_CASES, KNOWN_TAG } from '../../../test/contract/error-cases.ts'
import { refusal } from '../../../test/support/grpc-client.ts'
import { type GrpcRig, grpcRig } from '../../../test/support/grpc-rig.ts'

// Which gRPC status each code is answered with, said once more by hand.
const STATUSES: Record<string, string> = {
  TAG_INVALID: 'INVALID_ARGUMENT',
  COUNT_OUT_OF_RANGE: 'INVALID_ARGUMENT',
  ID_INVALID: 'INVALID_ARGUMENT',
  TAG_NOT_FOUND: 'NOT_FOUND',
  MODE_MISMATCH: 'FAILED_PRECONDITION',
  TAG_FROZEN: 'FAILED_PRECONDITION',
  STORE_WENT_BACKWARDS: 'FAILED_PRECONDITION',
  LAYOUT_ENDED: 'FAILED_PRECONDITION',
  TAG_EXHAUSTED: 'OUT_OF_RANGE',
  OVERLOADED: 'RESOURCE_EXHAUSTED',
  STORE_UNAVAILABLE: 'UNAVAILABLE',
  CLOCK_MOVED_BACKWARDS: 'UNAVAILABLE',
  WORKER_LEASE_LOST: 'UNAVAILABLE',
  WORKER_POOL_EXHAUSTED: 'UNAVAILABLE',
  SHUTTING_DOWN: 'UNAVAILABLE',
  DEADLINE_EXCEEDED: 'DEADLINE_EXCEEDED',
  INTERNAL: 'INTERNAL',
}

const CASES = ERROR_CASES.filter(({ httpOnly }) => httpOnly !== true)

describe.each([
  [
    'thrown',
    (failure: unknown) => {
      throw failure
    },
  ],
  ['rejected', (failure: unknown) => Promise.reject(failure)],
] as const)('an error that is %s', (_, fail) => {
  test.each(CASES)(
    '$name is answered with $code',
    async ({ call, failure, code, retryAfterMs }) => {
      const execute = () => fail(failure)
      const failing = { nextId: { execute }, nextIds: { execute }, decodeId: { execute } }
      const rig = await grpcRig(failure === undefined ? {} : failing)
      try {
        const answer = await refusal(rig.client.ask(`goloves.v1.IdService/${rpcOf(call)}`, call))
        expect(answer.status).toBe(STATUSES[code])
        expect(answer.details).toEqual([errorInfo(code), ...retryInfo(retryAfterMs)])
        expect(JSON.stringify(answer)).not.toMatch(/password|stack|\.ts|ECONN/)
        expect(rig.reports).toEqual(code === 'INTERNAL' ? [failure] : [])
      } finally {
        await rig.stop()
      }
    },
  )
})

describe('a request that is no request', () => {
  let rig: GrpcRig
  beforeAll(async () => {
    rig = await grpcRig()
  })
  afterAll(() => rig.stop())

  test.each([
    ['garbage', Buffer.from('ffffffffff', 'hex'), 'INVALID_ARGUMENT', 'REQUEST_INVALID'],
    ['a little too long', longTag(64 * 1024), 'RESOURCE_EXHAUSTED', 'REQUEST_TOO_LARGE'],
  ])('is refused in our own words when it is %s', async (_, bytes, status, code) => {
    const answer = await refusal(rig.client.send('goloves.v1.IdService/NextId', bytes))
    expect(answer).toMatchObject({ status, details: [{ value: { reason: code } }] })
  })

  test('is refused by the transport when it is far too long, and the connection serves on', async () => {
    const answer = await refusal(
      rig.client.send('goloves.v1.IdService/NextId', longTag(1024 * 1024)),
    )
    expect(answer.status).toBe('RESOURCE_EXHAUSTED')
    expect(await rig.client.ask('goloves.v1.IdService/NextId', { tag: KNOWN_TAG })).toEqual({
      id: '1',
    })
  })

  test('is let through up to the last byte that is allowed', async () => {
    const longest = longTag(64 * 1024 - 4)
    expect(longest).toHaveLength(64 * 1024)
    const answer = await refusal(rig.client.send('goloves.v1.IdService/NextId', longest))
    expect(answer).toMatchObject({ details: [{ value: { reason: 'TAG_INVALID' } }] })
  })
})

/** The message `{ tag: 'aaa…' }`: a field number, the length in three bytes, the letters. */
function longTag(length: number): Buffer {
  const size = [(length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14]
  return Buffer.concat([Buffer.from([0x0a, ...size]), Buffer.alloc(length, 'a')])
}

function rpcOf({ count, id }: (typeof CASES)[number]['call']): string {
  if (id !== undefined) return 'DecodeId'
  return count === undefined ? 'NextId' : 'NextIds'
}

function errorInfo(reason: string) {
  const value = expect.objectContaining({ reason, domain: 'goloves' })
  return { type: 'ErrorInfo', value }
}

function retryInfo(ms: number | undefined) {
  if (ms === undefined) return []
  const retryDelay = { seconds: String(Math.floor(ms / 1000)), nanos: (ms % 1000) * 1_000_000 }
  return [{ type: 'RetryInfo', value: { retryDelay } }]
}
