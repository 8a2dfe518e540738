import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { HostileConnection } from '../support/hostile-connection.ts'
import { Siege } from '../support/hostile-siege.ts'

const ARRIVAL_MS = 2000
const NEXT_ID = '/v1/tags/order-service:nextId'
const NEXT_IDS = '/v1/tags/order-service:nextIds'
const MOST_MB = 450

let siege: Siege
let address: string

beforeAll(async () => {
  siege = await Siege.of('--deadline-arrival-ms', String(ARRIVAL_MS))
  address = siege.service.httpAddress
})
afterAll(() => siege.service.stop())

/** The head of a request with a body of JSON. */
function post(path: string, ...more: readonly string[]): string {
  const lines = [`POST ${path} HTTP/1.1`, 'Host: x', 'Content-Type: application/json', ...more]
  return `${lines.join('\r\n')}\r\n\r\n`
}

test('bodies cut short by callers that leave', async () => {
  await siege.withstand({ mostMb: MOST_MB }, async () => {
    for (let round = 0; round < 5; round++) {
      const half = `${post(NEXT_IDS, 'Content-Length: 60000')}{"count":`
      const crowd = await HostileConnection.crowd(address, 400, half)
      for (const connection of crowd) connection.leave()
    }
  })
})

test.each([
  ['a body that never comes', post(NEXT_IDS, 'Content-Length: 60000'), 400],
  ['headers that never end', `POST ${NEXT_ID} HTTP/1.1\r\nHost: x\r\n`, 400],
  ['chunks that never end', `${post(NEXT_IDS, 'Transfer-Encoding: chunked')}1\r\n{\r\n`, 400],
  ['a length that is a lie', `${post(NEXT_IDS, 'Content-Length: 11')}{"count":1}{"count":2}`, 400],
  ['a length beyond the limit', post(NEXT_IDS, 'Content-Length: 99999999999'), 413],
  ['a length said twice', post(NEXT_IDS, 'Content-Length: 1', 'Content-Length: 2'), 400],
])(
  'a thousand callers with %s are answered, and their connections closed',
  async (_, head, code) => {
    await siege.withstand({ mostMb: MOST_MB }, async () => {
      const crowd = await HostileConnection.crowd(address, 1000, head)
      await Promise.all(crowd.map(({ closed }) => closed))
      expect(new Set(crowd.map(({ text }) => text.slice(0, 12)))).toEqual(
        new Set([`HTTP/1.1 ${code}`]),
      )
    })
  },
)

test('a byte now and then on hundreds of connections is not waited for', async () => {
  await siege.withstand({ mostMb: MOST_MB }, async () => {
    const heads = [
      `POST ${NEXT_ID} HTTP/1.1\r\nHost: x\r\nX: `,
      post(NEXT_IDS, 'Content-Length: 9999'),
    ]
    const crowds = heads.map((head) => HostileConnection.crowd(address, 200, head))
    const slow = (await Promise.all(crowds)).flat()
    const drip = setInterval(() => {
      for (const connection of slow) connection.send('1')
    }, 100)
    try {
      await Promise.all(slow.map(({ closed }) => closed))
    } finally {
      clearInterval(drip)
    }
  })
})

test.each([
  [
    'chunks without end',
    post(NEXT_IDS, 'Transfer-Encoding: chunked'),
    `4000\r\n${'1'.repeat(16_384)}\r\n`,
  ],
  ['a header without end', `GET ${NEXT_ID} HTTP/1.1\r\nX: `, 'x'.repeat(16_384)],
  ['headers without end', `GET ${NEXT_ID} HTTP/1.1\r\n`, 'X: x\r\n'.repeat(1000)],
])('%s are cut off with 413', async (_, head, more) => {
  await siege.withstand({ mostMb: MOST_MB }, async () => {
    const crowd = await HostileConnection.crowd(address, 100, head)
    await Promise.all(crowd.map((connection) => connection.flood(1000, () => more)))
    await Promise.all(crowd.map(({ closed }) => closed))
    // Where the answer meets bytes that nobody reads any more, the connection is reset instead.
    expect(crowd.filter(({ text }) => !text.startsWith('HTTP/1.1 413 ') && text !== '')).toEqual([])
    expect(crowd.some(({ text }) => text.startsWith('HTTP/1.1 413 '))).toBe(true)
  })
})

test('a compressed body is not unpacked', async () => {
  const bomb = gzipSync(Buffer.alloc(2 ** 25))
  await siege.withstand({ mostMb: MOST_MB }, async () => {
    const answers = Array.from({ length: 500 }, async () => {
      const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
      const answer = await fetch(`http://${address}${NEXT_IDS}`, {
        method: 'POST',
        headers,
        body: bomb,
      })
      await answer.arrayBuffer()
      return answer.status
    })
    expect(new Set(await Promise.all(answers))).toEqual(new Set([400]))
  })
})

test('giant names of tags are refused', async () => {
  await siege.withstand({ mostMb: MOST_MB }, async () => {
    const name = 'a'.repeat(15_000)
    const path = `http://${address}/v1/tags/${name}:nextId`
    const answers = Array.from({ length: 500 }, async () => {
      const answer = await fetch(path, { method: 'POST' })
      await answer.arrayBuffer()
      return answer.status
    })
    expect(new Set(await Promise.all(answers))).toEqual(new Set([400]))
  })
})

test('requests without end, of whose answers none is read, are not taken', async () => {
  await siege.withstand({ mostMb: MOST_MB }, async () => {
    const many = post(NEXT_ID, 'Content-Length: 0').repeat(1000)
    const crowd = await HostileConnection.crowd(address, 20)
    await Promise.all(crowd.map((connection) => connection.deafen().flood(10_000, () => many)))
    for (const connection of crowd) connection.leave()
  })
})

test('of requests that wait, one connection has only so many', async () => {
  const body = '{"count":100000}'
  const waits = `${post('/v1/tags/snowflake:nextIds', `Content-Length: ${body.length}`)}${body}`
  await siege.withstand({ mostMb: MOST_MB }, async () => {
    const connection = await HostileConnection.to(address)
    await connection.flood(100, () => waits.repeat(100))
    while (!connection.text.includes('requests wait on this connection')) await connection.news()
    connection.leave()
  })
})
