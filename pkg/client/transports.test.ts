import { afterEach, describe, expect, test } from '@jest/globals'
import type { UseCases } from '../../internal/delivery/use-cases.ts'
import { MAX_ID, parseTagName } from '../../internal/domain/entity/tag.ts'
import { COUNT_MAX, ERROR_CASES, KNOWN_TAG } from '../../test/contract/error-cases.ts'
import { type GrpcRig, grpcRig } from '../../test/support/grpc-rig.ts'
import { liveHttp } from '../../test/support/live-http.ts'
import { countOutOfRange, tagNotFound } from '../errors/failures.ts'
import { GolovesError } from '../errors/goloves-error.ts'
import type { Target } from './client-options.ts'
import { createClient } from './create-client.ts'
import type { IdClient } from './id-client.ts'

// What the service says, by whichever transport, is one thing to a caller.

const DEADLINE_MS = 1000

const ends: (() => unknown)[] = []

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

function clientOf(target: Target): IdClient {
  const client = createClient({ targets: [target], way: 'direct', deadlineMs: DEADLINE_MS })
  ends.push(() => client.close())
  return client
}

type Ids = Pick<UseCases, 'nextIds' | 'decodeId'>

/** A client by each transport, of servers with the same use cases. */
async function clientsOf(useCases: Ids): Promise<{ grpc: IdClient; http: IdClient }> {
  const rig: GrpcRig = await grpcRig(useCases)
  ends.push(() => rig.stop())
  const { url } = await liveHttp(useCases)
  return { grpc: clientOf({ grpc: `127.0.0.1:${rig.port}` }), http: clientOf({ http: url }) }
}

function failing(failure: unknown): Ids {
  return {
    nextIds: {
      execute: (tag, count) => {
        if (failure !== undefined) throw failure
        if (count > COUNT_MAX) throw countOutOfRange(String(count), COUNT_MAX)
        if (parseTagName(tag) !== KNOWN_TAG) throw tagNotFound(tag)
        return [{ first: 1n, last: count }]
      },
    },
    decodeId: { execute: () => Promise.reject(failure) },
  }
}

function ask(client: IdClient, { tag, count = '1', id }: (typeof ERROR_CASES)[number]['call']) {
  return id === undefined ? client.nextIds(tag, Number(count)) : client.decode(tag, BigInt(id))
}

async function refusalOf(answer: Promise<unknown>): Promise<GolovesError> {
  const refusal = await answer.catch((thrown: unknown) => thrown)
  if (refusal instanceof GolovesError) return refusal
  throw new Error(`It was answered with ${refusal}.`)
}

test.each(ERROR_CASES)('$name is $code by both', async ({ call, failure, code, retryAfterMs }) => {
  const { grpc, http } = await clientsOf(failing(failure))
  const [byGrpc, byHttp] = await Promise.all([
    refusalOf(ask(grpc, call)),
    refusalOf(ask(http, call)),
  ])
  expect(byGrpc).toMatchObject({ name: 'GolovesError', code, retryAfterMs })
  expect(byHttp).toMatchObject({ name: 'GolovesError', code, retryAfterMs })
  expect(byHttp.message).toBe(byGrpc.message)
})

describe.each(['grpc', 'http'] as const)('by %s', (transport) => {
  async function answering(useCases: Partial<Ids>): Promise<IdClient> {
    return (await clientsOf({ ...failing(undefined), ...useCases }))[transport]
  }

  test('ids are exact up to the last there can be', async () => {
    const execute = (_: string, count: bigint) => [{ first: MAX_ID - count + 1n, last: MAX_ID }]
    const client = await answering({ nextIds: { execute } })
    expect(await client.nextIds(KNOWN_TAG, 3)).toEqual([
      { first: MAX_ID - 2n, last: MAX_ID, step: 1n },
    ])
    expect(await client.nextId(KNOWN_TAG)).toBe(MAX_ID)
  })

  test('several ranges come in their order, with their steps', async () => {
    const ranges = [
      { first: 2n ** 60n + 7n, last: 2n ** 60n + 7n + 65_536n, step: 65_536n },
      { first: 2n ** 61n, last: 2n ** 61n + 2n, step: 1n },
    ]
    const client = await answering({ nextIds: { execute: () => ranges } })
    expect(await client.nextIds(KNOWN_TAG, 5)).toEqual(ranges)
  })

  test('a million ids of a layout with few in a tick are one answer', async () => {
    const base = 2n ** 58n
    const ranges = Array.from({ length: 3907 }, (_, tick) => {
      const first = base + (BigInt(tick) << 24n)
      return { first, last: first + 255n * 65_536n, step: 65_536n }
    })
    const client = await answering({ nextIds: { execute: () => ranges } })
    expect(await client.nextIds(KNOWN_TAG, 3907 * 256)).toEqual(ranges)
  })

  test('an id comes apart', async () => {
    const parts = { timeMs: 1_700_000_000_123, worker: 1023, sequence: 4095 }
    const asked: string[] = []
    const execute = async (tag: string, id: string) => {
      asked.push(`${tag} ${id}`)
      return parts
    }
    const client = await answering({ decodeId: { execute } })
    expect(await client.decode('a.B-c_9', MAX_ID)).toEqual(parts)
    expect(asked).toEqual([`a.B-c_9 ${MAX_ID}`])
  })

  test('the instance knows how long its caller can wait', async () => {
    const asked = Promise.withResolvers<number>()
    const client = await answering({
      nextIds: {
        execute: (_tag, _count, { deadlineMs }) => {
          asked.resolve(deadlineMs - performance.now())
          return [{ first: 1n, last: 1n }]
        },
      },
    })
    await client.nextId(KNOWN_TAG)
    const leftMs = await asked.promise
    expect(leftMs).toBeGreaterThan(0)
    expect(leftMs).toBeLessThan(DEADLINE_MS)
  })

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])(
    'a count of %s is refused before it is sent',
    async (count) => {
      const execute = () => {
        throw new Error('It was sent.')
      }
      const client = await answering({ nextIds: { execute } })
      expect(await refusalOf(client.nextIds(KNOWN_TAG, count))).toMatchObject({
        code: 'COUNT_OUT_OF_RANGE',
      })
    },
  )

  test.each([0n, -1n, MAX_ID + 1n, 2n ** 64n + 5n])('%s is no id to decode', async (id) => {
    const client = await answering({})
    expect(await refusalOf(client.decode(KNOWN_TAG, id))).toMatchObject({ code: 'ID_INVALID' })
  })
})
