import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { listening } from '../../../test/support/listening.ts'
import { dial, trust } from './dial.ts'

let server: Server
let port: number

beforeEach(async () => {
  server = createServer()
  port = await listening(server)
})

afterEach(async () => {
  if (server.listening) await close()
})

async function close(): Promise<void> {
  server.close()
  await once(server, 'close')
}

/** A connection, both ends of it. */
async function connected(): Promise<readonly [Socket, Socket]> {
  const accepted = once(server, 'connection')
  const socket = dial('127.0.0.1', port)
  const [peer] = await accepted
  return [socket, peer]
}

test('a host that accepts and never answers fails after half a second', async () => {
  const begun = performance.now()
  const [socket, peer] = await connected()
  const [fault] = await once(socket, 'error')
  expect(fault).toMatchObject({
    code: 'ECONNRESET',
    message: `127.0.0.1:${port} was silent for 500 ms`,
  })
  expect(performance.now() - begun).toBeGreaterThan(480)
  expect(performance.now() - begun).toBeLessThan(1_500)
  await once(peer.resume(), 'close')
})

test('one that answers slowly does not, however long that takes in all', async () => {
  const [socket, peer] = await connected()
  for (let answers = 0; answers < 4; answers++) {
    setTimeout(() => peer.write('.'), 300)
    await once(socket, 'data')
  }
  socket.destroy()
  await once(peer.resume(), 'close')
})

test('one that is trusted may be silent', async () => {
  const [socket, peer] = await connected()
  trust(socket)
  setTimeout(() => peer.write('.'), 800)
  await once(socket, 'data')
  socket.destroy()
  await once(peer.resume(), 'close')
})

test('a port that nobody listens on is refused', async () => {
  await close()
  const [fault] = await once(dial('127.0.0.1', port), 'error')
  expect(fault).toMatchObject({ code: 'ECONNREFUSED' })
})
