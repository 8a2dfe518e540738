import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, test } from '@jest/globals'
import { exchange, LIMITS, liveHttp, newHttp } from '../../../test/support/live-http.ts'
import { ManualClock, settled } from '../../../test/support/manual-clock.ts'
import { Gate } from '../gate.ts'
import type { Readiness } from './probe-routes.ts'

const POST = 'POST /v1/tags/a:nextId HTTP/1.1\r\nHost: x\r\n\r\n'
const nextId = { execute: () => 1n }

const HALF_A_BODY =
  'POST /v1/tags HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"ta'

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return socket.setEncoding('utf8')
}

/** Answers when `answer` is called, and tells through `asked` that somebody waits. */
function slowUseCase() {
  const asked = Promise.withResolvers<void>()
  const { promise, resolve: answer } = Promise.withResolvers<bigint>()
  const execute = () => {
    asked.resolve()
    return promise
  }
  return { asked: asked.promise, answer, useCases: { nextId: { execute } } }
}

describe('listening', () => {
  test.each([
    [
      'a taken port',
      '127.0.0.1',
      'the port is taken. Stop the program that has it, or set GOLOVES_HTTP_PORT',
    ],
    ['a host that is none', 'host.invalid', 'getaddrinfo'],
  ])('on %s fails with what to do about it', async (_name, host, sentence) => {
    const { port } = await liveHttp({})
    const second = newHttp({}).server.listen(host, port)
    await expect(second).rejects.toThrow(`HTTP cannot listen on ${host}:${port}: ${sentence}`)
  })
})

describe('closing', () => {
  test('closes connections on which nothing is asked at once', async () => {
    const { server, port } = await liveHttp({ nextId })
    const used = await open(port)
    used.write(POST)
    await once(used, 'data')
    const fresh = await open(port)
    const closed = Promise.all([once(used, 'close'), once(fresh, 'close')])
    used.resume()
    fresh.resume()
    await server.close(60_000)
    await closed
    await expect(open(port)).rejects.toThrow('ECONNREFUSED')
  })

  test('answers what was asked before, and closes that connection then', async () => {
    const { asked, answer, useCases } = slowUseCase()
    const { server, port } = await liveHttp(useCases)
    const reply = exchange(port, POST)
    await asked
    const closed = server.close(60_000)
    answer(5n)
    const text = await reply
    expect(text).toMatch('{"id":"5"}')
    expect(text).toMatch('connection: close')
    await closed
  })

  test('answers a request that had only begun to arrive', async () => {
    const { server, port } = await liveHttp({ nextId })
    const socket = await open(port)
    // The answer to the first shows that the beginning of the second is there.
    socket.write(`${POST}POST /v1/tags/a:nextId HTTP/1.1\r\n`)
    await once(socket, 'data')
    const closed = server.close(60_000)
    await settled()
    socket.write('Host: x\r\n\r\n')
    const [text] = await once(socket, 'data')
    expect(text).toMatch('{"id":"1"}')
    await closed
  })

  test('leaves no timer behind', async () => {
    const clock = new ManualClock()
    const { server } = await liveHttp({}, { clock })
    await server.close(60_000)
    expect(clock.pending).toBe(0)
  })

  test('cuts off at its limit who is not answered', async () => {
    const { asked, useCases } = slowUseCase()
    const { server, port } = await liveHttp(useCases)
    const reply = exchange(port, POST)
    await asked
    await server.close(1)
    expect(await reply).toBe('')
  })

  test('twice, or before it ever listened, is no fault', async () => {
    const { server } = await liveHttp({})
    await Promise.all([server.close(0), server.close(0)])
    await server.close(0)
    await newHttp({}).server.close(0)
  })

  test('again with a shorter limit does not wait for the first', async () => {
    const { asked, useCases } = slowUseCase()
    const { server, port } = await liveHttp(useCases)
    const reply = exchange(port, POST)
    await asked
    await Promise.all([server.close(60_000), server.close(1)])
    expect(await reply).toBe('')
  })
})

test('behind a closed gate only the probes are answered', async () => {
  const gate = new Gate()
  let readiness: Readiness = { ready: true }
  const { url } = await liveHttp({ nextId }, { gate, readiness: async () => readiness })
  const ask = async (path: string, method = 'GET') => {
    const answer = await fetch(url + path, { method })
    const value: unknown = await answer.json()
    return { status: answer.status, value }
  }
  expect(await ask('/readyz')).toEqual({ status: 200, value: { ready: true } })

  gate.close(1500)
  readiness = { ready: false, reason: 'It shuts down.' }
  expect(await ask('/healthz')).toEqual({ status: 200, value: { alive: true } })
  expect(await ask('/readyz')).toEqual({ status: 503, value: readiness })
  expect((await fetch(`${url}/metrics`)).status).toBe(200)
  for (const [path, method] of [
    ['/v1/tags/a:nextId', 'POST'],
    ['/v1/tags', 'GET'],
    ['/v1/tags/a:decodeId?id=1', 'GET'],
    ['/api/segment/get/a', 'GET'],
    ['/api/snowflake/get/a', 'GET'],
    ['/decodeSnowflakeId?snowflakeId=1', 'GET'],
  ] as const) {
    expect(await ask(path, method)).toMatchObject({
      status: 503,
      value: { code: 'SHUTTING_DOWN', retryAfterMs: 1500 },
    })
  }
})

describe('bytes that are no request', () => {
  test.each([
    ['another protocol', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'REQUEST_INVALID'],
    ['nonsense', 'hello\r\n\r\n', 400, 'REQUEST_INVALID'],
    ['headers without end', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}`, 413, 'REQUEST_TOO_LARGE'],
    [
      'a length that is none',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n',
      400,
      'REQUEST_INVALID',
    ],
  ])('%s', async (_name, bytes, status, code) => {
    const { url, port } = await liveHttp({ nextId })
    const answer = await exchange(port, bytes)
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({ status, code })
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
  })

  test.each([
    ['the headers do', { requestTimeoutMs: 60 }, 'GET /healthz HTTP/1.1\r\n'],
    ['the body does', { requestTimeoutMs: 60 }, HALF_A_BODY],
  ])('a request is refused when %s not arrive in time', async (_name, timeouts, bytes) => {
    const { port } = await liveHttp({}, { limits: { ...LIMITS, ...timeouts } })
    expect(await exchange(port, bytes)).toMatch('took too long to arrive')
  })
})

test('more connections than allowed are closed, and the others served', async () => {
  const { port } = await liveHttp({ nextId }, { limits: { ...LIMITS, maxConnections: 1 } })
  const first = await open(port)
  expect(await exchange(port, POST).catch(() => '')).toBe('')
  first.write(POST)
  const [answer] = await once(first, 'data')
  expect(answer).toMatch('{"id":"1"}')
})

test('pipelined requests are answered in their order, also when a later one is ready first', async () => {
  const first = Promise.withResolvers<bigint>()
  let asked = 0
  const useCases = {
    nextId: {
      execute: () => {
        asked += 1
        if (asked === 1) return first.promise
        first.resolve(1n)
        return BigInt(asked)
      },
    },
  }
  const { port } = await liveHttp(useCases)
  const last = POST.replace('Host: x', 'Host: x\r\nConnection: close')
  const answers = await exchange(port, POST + POST + last)
  expect(answers.match(/"id":"\d"/g)).toEqual(['"id":"1"', '"id":"2"', '"id":"3"'])
})

test('what goes wrong inside is reported, not shown', async () => {
  const mistake = new Error('password swordfish')
  const execute = () => {
    throw mistake
  }
  const { url, reported } = await liveHttp({ nextId: { execute } })
  const answer = await fetch(`${url}/v1/tags/a:nextId`, { method: 'POST' })
  expect(await answer.text()).not.toMatch('swordfish')
  expect(reported).toEqual([mistake])
})

test('a request without Host is answered like any other', async () => {
  const { port } = await liveHttp({ nextId })
  const bytes = 'POST /v1/tags/a:nextId HTTP/1.1\r\nConnection: close\r\n\r\n'
  expect(await exchange(port, bytes)).toMatch(/^HTTP\/1\.1 200 OK\r\n.*\{"id":"1"\}$/s)
})
