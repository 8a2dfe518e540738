import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import { z } from 'zod'
import { eventually } from '../support/eventually.ts'
import { GrpcClient, refusal } from '../support/grpc-client.ts'
import { HostileConnection } from '../support/hostile-connection.ts'
import {
  call,
  FRAME,
  framesIn,
  GREETING,
  message,
  PREFACE,
  question,
} from '../support/hostile-frames.ts'
import { Siege } from '../support/hostile-siege.ts'
import { nextIds } from '../support/next-ids.ts'
import { newFolder } from '../support/program.ts'
import { sqliteFile } from '../support/sqlite-file.ts'

const NEXT_ID = '/goloves.v1.IdService/NextId'
const MOST_MB = 450
const COUNT_MAX = 1_000_000
const PATIENCE_MS = 10_000
const Code = z.object({ code: z.string() }).transform(({ code }) => code)

/** Ten thousand, or as many as a process of this machine may open. */
const CROWD = Math.min(10_000, mostOpenFiles() - 1_000)

let siege: Siege
afterEach(() => siege.service.stop())

test(`${CROWD} idle connections to each port do not keep a new caller out`, async () => {
  siege = await Siege.of()
  const { grpcAddress, httpAddress } = siege.service
  for (const [address, first] of [
    [grpcAddress, GREETING],
    [httpAddress, undefined],
  ] as const) {
    const crowd: HostileConnection[] = []
    await siege.withstand({ mostMb: MOST_MB }, async () => {
      crowd.push(...(await HostileConnection.crowd(address, CROWD, first)))
      expect(crowd.filter(({ isClosed }) => isClosed)).toEqual([])
    })
    for (const connection of crowd) connection.leave()
    await Promise.all(crowd.map(({ closed }) => closed))
  }
}, 60_000)

test('connections beyond the limit are closed at once, and there is room again when others end', async () => {
  const most = ['--grpc-max-connections', '30', '--http-max-connections', '30']
  siege = await Siege.of(...most)
  const { grpcAddress, httpAddress } = siege.service
  for (const address of [grpcAddress, httpAddress]) {
    await siege.withstand({ mostMb: MOST_MB }, async () => {
      const crowd = await HostileConnection.crowd(address, 60)
      const closed = async () => crowd.filter(({ isClosed }) => isClosed).length
      await eventually(closed, (count) => count >= 30)
      for (const connection of crowd) connection.leave()
    })
  }
})

test('gRPC connections that do not answer pings are closed, whatever they said at first', async () => {
  siege = await Siege.of('--grpc-keepalive-ms', '1000')
  await siege.withstand({ mostMb: MOST_MB }, async () => {
    const crowds = [undefined, PREFACE.subarray(0, 10), GREETING].map((first) =>
      HostileConnection.crowd(siege.service.grpcAddress, 100, first),
    )
    const crowd = (await Promise.all(crowds)).flat()
    await Promise.all(crowd.map(({ closed }) => closed))
  })
})

test('a gRPC connection without calls is closed after a while', async () => {
  siege = await Siege.of('--grpc-idle-ms', '1000')
  await siege.withstand({ mostMb: MOST_MB }, async () => {
    const crowd = await HostileConnection.crowd(siege.service.grpcAddress, 100, GREETING)
    await Promise.all(crowd.map(({ closed }) => closed))
  })
})

test('of too many open calls the oldest end, and others are answered', async () => {
  siege = await Siege.of('--grpc-max-calls', '200')
  await siege.withstand({ mostMb: MOST_MB }, async () => {
    const crowd = await HostileConnection.crowd(siege.service.grpcAddress, 10, GREETING)
    for (let n = 0; n < 100; n++) {
      for (const connection of crowd) connection.send(call(2 * n + 1, NEXT_ID))
    }
    const resets = async () =>
      crowd.flatMap(({ text }) => framesIn(text)).filter(({ type }) => type === FRAME.resetStream)
        .length
    await eventually(resets, (count) => count >= 800)
    for (const connection of crowd) connection.leave()
  })
})

test('streams beyond the limit are refused in our own words', async () => {
  siege = await Siege.of('--grpc-max-lasting-calls', '5')
  const client = new GrpcClient(Number(siege.service.grpcAddress.split(':').at(-1)))
  await siege.withstand({ mostMb: MOST_MB }, async () => {
    const streams = Array.from({ length: 6 }, () => {
      const stream = client.stream()
      const failed = new Promise((_, reject) => stream.on('error', reject))
      return { stream, failed }
    })
    const failure = refusal(Promise.race(streams.map(({ failed }) => failed)))
    expect(await failure).toMatchObject({
      status: 'RESOURCE_EXHAUSTED',
      details: [{ value: { reason: 'OVERLOADED' } }, { type: 'RetryInfo' }],
    })
    for (const { stream, failed } of streams) {
      failed.catch(() => {})
      stream.cancel()
    }
  })
  client.close()
})

test.each([
  ['order-service', 'snowflake'],
  ['snowflake', 'order-service'],
])(
  'a thousand callers at once who ask for as many ids of %s as they may are answered or refused',
  async (tag, other) => {
    siege = await Siege.of()
    const { service } = siege
    const client = new GrpcClient(Number(service.grpcAddress.split(':').at(-1)))
    const byGrpc = async () => {
      const outcome = await nextIds(client, tag, COUNT_MAX, PATIENCE_MS)
      return typeof outcome === 'string' ? outcome : 'ids'
    }
    const byHttp = async () => {
      const path = `/v1/tags/${tag}:nextIds`
      const { status, body } = await service.http('POST', path, { count: COUNT_MAX })
      return status === 200 ? 'ids' : Code.parse(body)
    }
    for (const ask of [byGrpc, byHttp]) {
      await siege.withstand({ mostMb: MOST_MB, tags: [other] }, async () => {
        const outcomes = new Set(await Promise.all(Array.from({ length: 1_000 }, ask)))
        expect(outcomes).toContain('ids')
        expect(['ids', 'OVERLOADED', 'DEADLINE_EXCEEDED']).toEqual(
          expect.arrayContaining([...outcomes]),
        )
      })
    }
    client.close()
  },
)

test('thousands of calls that wait for the store, whose callers leave, hold nothing', async () => {
  const file = join(newFolder(), 'ids.db')
  siege = await Siege.of('--store-url', `sqlite:${file}`)
  await siege.service.nextId('snowflake')
  const store = sqliteFile(file)
  await siege.withstand({ mostMb: MOST_MB, tags: ['snowflake'] }, async () => {
    await store.query('BEGIN IMMEDIATE')
    for (let round = 0; round < 5; round++) {
      const crowd = await HostileConnection.crowd(siege.service.grpcAddress, 4, GREETING)
      for (let n = 0; n < 500; n++) {
        const ask = message(2 * n + 1, question('order-service'), 1)
        for (const connection of crowd)
          connection.send(Buffer.concat([call(2 * n + 1, NEXT_ID), ask]))
      }
      await waiters((count) => count > 900)
      for (const connection of crowd) connection.leave()
      await waiters((count) => count === 0)
    }
    await store.query('ROLLBACK')
  })
  await store.close()
  expect(await siege.service.nextId('order-service')).toBeGreaterThan(0n)
})

/** Waits until as many callers wait for the tag as wanted. */
async function waiters(wanted: (count: number) => boolean): Promise<void> {
  const path = '/v1/tags/order-service:state'
  const ask = async () => {
    const { body } = await siege.service.http('GET', path)
    return typeof body === 'object' && body !== null && 'waiters' in body
      ? Number(body.waiters)
      : -1
  }
  await eventually(ask, wanted)
}

/** Node raises what it may open to this at its start. */
function mostOpenFiles(): number {
  const most = execFileSync('/bin/sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim()
  return most === 'unlimited' ? Number.POSITIVE_INFINITY : Number(most)
}
