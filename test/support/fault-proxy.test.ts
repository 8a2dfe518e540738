import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { eventually } from './eventually.ts'
import { FaultProxy } from './fault-proxy.ts'
import { listening } from './listening.ts'

// Behind the proxy somebody repeats what it hears, and notes it.

let server: Server
let proxy: FaultProxy
let heard: string

beforeEach(async () => {
  heard = ''
  server = createServer((socket) => {
    socket
      .on('error', () => {})
      .on('data', (bytes) => {
        heard += bytes
        socket.write(bytes)
      })
  })
  proxy = await FaultProxy.to(`mysql://127.0.0.1:${await listening(server)}`)
})

afterEach(async () => {
  await proxy.close()
  server.close()
  await once(server, 'close')
})

async function connected(): Promise<Socket> {
  const socket = connect(proxy.port, '127.0.0.1').on('error', () => {})
  await once(socket, 'connect')
  return socket
}

async function echo(socket: Socket, text: string): Promise<string> {
  socket.write(text)
  const [bytes] = await once(socket, 'data')
  return String(bytes)
}

test('it passes everything on, and counts', async () => {
  const socket = await connected()
  expect(await echo(socket, 'a')).toBe('a')
  expect(await echo(socket, 'b')).toBe('b')
  expect(proxy).toMatchObject({ attempts: 1, open: 1, mostOpen: 1, packets: 2 })
  socket.destroy()
  await eventually(
    async () => proxy.open,
    (open) => open === 0,
  )
})

test('a delay is added in each direction', async () => {
  const socket = await connected()
  await echo(socket, 'a')
  proxy.delay(100)
  const begunMs = performance.now()
  expect(await echo(socket, 'b')).toBe('b')
  expect(performance.now() - begunMs).toBeGreaterThan(190)
})

test('what is held goes on at the release, also when nobody waits for it any more', async () => {
  const socket = await connected()
  await echo(socket, 'a')
  proxy.hang()
  socket.end('b')
  await eventually(
    async () => proxy.open,
    (open) => open === 0,
  )
  expect(heard).toBe('a')
  proxy.release()
  await once(socket, 'close')
  expect(heard).toBe('ab')
})

test.each([
  ['question', 'a'],
  ['reply', 'ab'],
] as const)(
  'a lost %s never arrives, and its connection is good for nothing more',
  async (way, said) => {
    const socket = await connected()
    await echo(socket, 'a')
    proxy.lose(way)
    let replies = ''
    socket.on('data', (bytes) => {
      replies += bytes
    })
    socket.write('b')
    expect(await echo(await connected(), 'c')).toBe('c')
    expect(replies).toBe('')
    expect([...heard].filter((letter) => letter !== 'c').join('')).toBe(said)
  },
)

test('a cut ends the connections there are', async () => {
  const socket = await connected()
  await echo(socket, 'a')
  proxy.cut()
  await once(socket, 'close')
  expect(await echo(await connected(), 'b')).toBe('b')
})

test('while it refuses, each new connection ends at once', async () => {
  proxy.refuse()
  // It may have ended before it was known to have begun.
  await connected().then(
    (socket) => once(socket, 'close'),
    () => {},
  )
  expect(proxy).toMatchObject({ attempts: 1, open: 0 })
  proxy.accept()
  expect(await echo(await connected(), 'a')).toBe('a')
  expect(proxy.attempts).toBe(2)
})
