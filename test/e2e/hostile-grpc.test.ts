import { once } from 'node:events'
import { connect } from 'node:http2'
import { setTimeout as pause } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { HostileConnection } from '../support/hostile-connection.ts'
import {
  call,
  FLAG,
  FRAME,
  type Frame,
  frame,
  framesIn,
  GREETING,
  headerBlock,
  message,
  PREFACE,
  ping,
  prefixed,
  question,
  resetStream,
  settings,
  windowUpdate,
} from '../support/hostile-frames.ts'
import { Siege } from '../support/hostile-siege.ts'

const NEXT_ID = '/goloves.v1.IdService/NextId'
const STREAM_IDS = '/goloves.v1.IdService/StreamIds'
const LIST_TAGS = '/goloves.v1.TagService/ListTags'
const MOST_MB = 450
const CALL_LIMITS = [
  ...['--deadline-default-ms', '1000', '--deadline-max-ms', '1000'],
  ...['--deadline-arrival-ms', '4000'],
]
const STREAMS_MAX = 20
const QUESTIONS = 40_000
const PATIENCE_MS = 3000
const INITIAL_WINDOW = 4

let siege: Siege
let address: string

beforeAll(async () => {
  siege = await Siege.of(...CALL_LIMITS, '--grpc-max-lasting-calls', String(STREAMS_MAX))
  address = siege.service.grpcAddress
})
afterAll(() => siege.service.stop())

/** The n-th stream that a client may open, from 0. */
const nth = (index: number) => 2 * index + 1

function times(count: number, bytes: Buffer): Buffer {
  return Buffer.concat(Array.from({ length: count }, () => bytes))
}

/** Waits until every call on a connection was ended by the service. */
async function allReset(connection: HostileConnection, calls: number): Promise<void> {
  const resets = () => framesIn(connection.text).filter(({ type }) => type === FRAME.resetStream)
  while (resets().length < calls) await connection.news()
}

function isLast({ type, flags }: Frame): boolean {
  return type === FRAME.headers && (flags & FLAG.endStream) !== 0
}

const block = headerBlock({ ':method': 'POST', ':scheme': 'http', ':path': NEXT_ID })
const FLOODS: readonly (readonly [name: string, make: (index: number) => Buffer])[] = [
  [
    'calls that are taken back at once',
    (n) => Buffer.concat([call(nth(n), NEXT_ID), resetStream(nth(n))]),
  ],
  [
    'headers that go on for ever',
    (n) => frame(n === 0 ? FRAME.headers : FRAME.continuation, 0, 1, block),
  ],
  ['settings', () => times(100, settings([INITIAL_WINDOW, 65_535]))],
  ['pings', () => times(100, ping())],
  ['windows that grow past their end', () => windowUpdate(0, 0x7fffffff)],
  ['frames of unknown calls', (n) => message(nth(n), Buffer.alloc(1000))],
]
test.each(FLOODS)('a flood of %s ends with the connection', async (_, make) => {
  await siege.withstand({ mostMb: MOST_MB }, async () => {
    const crowd = await HostileConnection.crowd(address, 10, GREETING)
    for (const connection of crowd) connection.deafen()
    await Promise.all(crowd.map((connection) => connection.flood(20_000, make)))
    for (const connection of crowd) connection.hear()
    await Promise.all(crowd.map(({ closed }) => closed))
  })
})

test.each([
  ['more fields than one may have', 1000, 'x'],
  ['more bytes than it may have', 5, 'x'.repeat(15_000)],
])('calls whose headers have %s are not taken', async (_, fields, value) => {
  const headers = Object.entries(Array(fields).fill(value)).map(([n, x]) => [`x-${n}`, x])
  await siege.withstand({ mostMb: MOST_MB }, async () => {
    const crowd = await HostileConnection.crowd(address, 5, GREETING)
    const begin = (n: number) => call(nth(n), NEXT_ID, Object.fromEntries(headers))
    await Promise.all(crowd.map((connection) => connection.flood(100, begin)))
    for (const connection of crowd) connection.leave()
  })
})

test('calls that never arrive whole, a byte now and then, are ended', async () => {
  await siege.withstand({ mostMb: MOST_MB }, async () => {
    const calls = 500
    const connection = await HostileConnection.to(address, GREETING)
    for (let n = 0; n < calls; n++) {
      const half = Buffer.from([0, 0, 0, 0x80, 0])
      connection.send(Buffer.concat([call(nth(n), NEXT_ID), frame(FRAME.data, 0, nth(n), half)]))
    }
    const drip = setInterval(() => {
      for (let n = 0; n < calls; n++) connection.send(frame(FRAME.data, 0, nth(n), Buffer.of(1)))
    }, 500)
    try {
      await allReset(connection, calls)
    } finally {
      clearInterval(drip)
      connection.leave()
    }
  })
})

test('answers that are never read are not kept', async () => {
  await siege.withstand({ mostMb: MOST_MB }, async () => {
    const calls = 500
    const connection = await HostileConnection.to(address, PREFACE)
    connection.send(settings([INITIAL_WINDOW, 0]))
    for (let n = 0; n < calls; n++) {
      const ask = message(nth(n), Buffer.alloc(0), FLAG.endStream)
      connection.send(Buffer.concat([call(nth(n), LIST_TAGS), ask]))
    }
    await allReset(connection, calls)
    connection.leave()
  })
})

test('a stream that never reads its answers is not read on', async () => {
  await siege.withstand({ mostMb: MOST_MB }, async () => {
    const floods = Array.from({ length: STREAMS_MAX }, () => askUnheard(QUESTIONS))
    expect(Math.max(...(await Promise.all(floods)))).toBeLessThan(QUESTIONS / 2)
  })
})

/**
 * Asks on one stream without ever reading an answer, until no more is taken for a while.
 *
 * @returns How many questions were taken, of `most` at most.
 */
async function askUnheard(most: number): Promise<number> {
  const session = connect(`http://${address}`)
  const head = { ':method': 'POST', ':path': STREAM_IDS, 'content-type': 'application/grpc' }
  const stream = session.request(head)
  const questions = times(100, prefixed(question('order-service')))
  let asked = 0
  for (let goesOn = true; goesOn && asked < most; asked += 100) {
    const taken = stream.write(questions) || once(stream, 'drain').then(() => true)
    goesOn = await Promise.race([taken, pause(PATIENCE_MS, false)])
  }
  session.destroy()
  return asked
}

test('calls with thousands of messages in one frame leave nothing behind', async () => {
  await siege.withstand({ mostMb: MOST_MB }, async () => {
    const empty = Buffer.alloc(16_380)
    for (let round = 0; round < 3; round++) {
      const calls = 250
      const connection = await HostileConnection.to(address, GREETING)
      for (let n = 0; n < calls; n++) {
        const all = frame(FRAME.data, 0, nth(n), empty)
        connection.send(Buffer.concat([call(nth(n), NEXT_ID), all]))
      }
      await allReset(connection, calls)
      connection.leave()
    }
  })
})

test('compressed bombs are not unpacked further than a message may be long', async () => {
  const bomb = gzipSync(Buffer.alloc(2 ** 25))
  await siege.withstand({ mostMb: MOST_MB }, async () => {
    const calls = 300
    const connection = await HostileConnection.to(address, GREETING)
    for (let n = 0; n < calls; n++) {
      const head = call(nth(n), NEXT_ID, { 'grpc-encoding': 'gzip' })
      const packed = prefixed(bomb, true)
      const parts = [
        packed.subarray(0, 16_384),
        packed.subarray(16_384, 32_768),
        packed.subarray(32_768),
      ]
      const data = parts.map((part) => frame(FRAME.data, 0, nth(n), part))
      connection.send(Buffer.concat([head, ...data, frame(FRAME.data, FLAG.endStream, nth(n))]))
    }
    const ended = () => framesIn(connection.text).filter(isLast)
    while (ended().length < calls) await connection.news()
    connection.leave()
  })
})
