import { once } from 'node:events'
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  createServer,
  type Http2Server,
} from 'node:http2'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { listening } from '../../../test/support/listening.ts'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import { OpenCalls } from './open-calls.ts'

const CALL_MAX_MS = 1000

let clock: ManualClock
let server: Http2Server
let openCalls: OpenCalls
let session: ClientHttp2Session

beforeEach(async () => {
  clock = new ManualClock()
  server = createServer()
  // A stream that is reset with a code says so as an error, too.
  server.on('stream', (stream) => stream.on('error', () => {}))
  const port = await listening(server)
  const limits = { callsMax: 2, callMaxMs: CALL_MAX_MS, lasting: new Set(['/lasting']) }
  openCalls = new OpenCalls({ clock, ...limits }, ({ socket }) => socket.localPort === port)
  session = connect(`http://127.0.0.1:${port}`)
})

afterEach(async () => {
  openCalls.close()
  session.destroy()
  server.close()
  await once(server, 'close')
})

/** A call that its client does not end, once the server has it. */
async function begin(path: string): Promise<ClientHttp2Stream> {
  const begun = once(server, 'stream')
  const call = session.request({ ':method': 'POST', ':path': path }, { endStream: false })
  call.on('error', () => {})
  await begun
  return call
}

async function codeOf(call: ClientHttp2Stream): Promise<number | undefined> {
  // `once` of node:events would fail with the error of a stream that is reset with a code.
  if (!call.destroyed) await new Promise((resolve) => call.once('close', resolve))
  return call.rstCode
}

test('a call ends when it has been open for too long, one that may last goes on', async () => {
  const [lasting, call] = [await begin('/lasting'), await begin('/call')]
  await clock.advance(CALL_MAX_MS)
  expect(await codeOf(call)).toBe(constants.NGHTTP2_CANCEL)
  expect(lasting.closed).toBe(false)
})

test('one too many ends the oldest, but none that may last', async () => {
  const lasting = await begin('/lasting')
  const calls = [await begin('/call'), await begin('/call'), await begin('/call')]
  const [oldest, ...younger] = calls
  expect(oldest && (await codeOf(oldest))).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM)
  expect([lasting, ...younger].map(({ closed }) => closed)).toEqual([false, false, false])
})

test('calls that have ended make room', async () => {
  const oldest = await begin('/call')
  const ended = await begin('/call')
  ended.close()
  const newest = await begin('/call')
  await clock.advance(CALL_MAX_MS)
  expect(await Promise.all([oldest, newest].map(codeOf))).toEqual([
    constants.NGHTTP2_CANCEL,
    constants.NGHTTP2_CANCEL,
  ])
})

test('a call that is refused ends, although its client goes on', async () => {
  const refused = new Promise<void>((resolve) => {
    server.once('stream', (stream) => {
      // Node leaves the end to who reads.
      stream.resume()
      stream.respond({ ':status': 200, 'grpc-status': '5' }, { endStream: true })
      stream.once('finish', resolve)
    })
  })
  const call = await begin('/call')
  const code = codeOf(call)
  call.resume()
  await refused
  await clock.advance(0)
  expect(await code).toBe(constants.NGHTTP2_NO_ERROR)
})
