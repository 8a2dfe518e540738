import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach } from '@jest/globals'
import { Gate } from '../../internal/delivery/gate.ts'
import { HTTP_LIMITS } from '../../internal/delivery/http/http-limits.ts'
import { HttpServer, type HttpServerOptions } from '../../internal/delivery/http/http-server.ts'
import type { UseCases } from '../../internal/delivery/use-cases.ts'
import { newMeters } from '../../internal/telemetry/metrics/call-metrics.ts'
import { SystemClock } from '../../pkg/clock/system-clock.ts'

/** A server, and what it reported as its own mistakes, in order. */
export interface HttpUnderTest {
  readonly server: HttpServer
  readonly reported: unknown[]
}

/** What these servers take from one caller. */
export const LIMITS = {
  ...HTTP_LIMITS,
  maxBodyBytes: 65_536,
  maxConnections: 10_000,
  requestTimeoutMs: 20_000,
}

type Options = Partial<Omit<HttpServerOptions, 'useCases'>>

const listening = new Set<HttpServer>()

afterEach(async () => {
  await Promise.all([...listening].map((server) => server.close(0)))
  listening.clear()
})

/** A server over the given use cases; one that is left out must not be called. */
export function newHttp(useCases: Partial<UseCases>, options: Options = {}): HttpUnderTest {
  const reported: unknown[] = []
  const server = new HttpServer({
    useCases: { ...NONE, ...useCases },
    gate: new Gate(),
    clock: new SystemClock(),
    deadlines: { defaultMs: 5000, maxMs: 30_000 },
    limits: LIMITS,
    readiness: async () => ({ ready: true }),
    metrics: async () => '',
    meters: newMeters().http,
    openapi: {},
    report: (thrown) => reported.push(thrown),
    ...options,
  })
  return { server, reported }
}

/** As `newHttp`, and it listens on a free port of 127.0.0.1 until the test ends. */
export async function liveHttp(
  useCases: Partial<UseCases>,
  options?: Options,
): Promise<HttpUnderTest & { readonly port: number; readonly url: string }> {
  const { server, reported } = newHttp(useCases, options)
  listening.add(server)
  const port = await server.listen('127.0.0.1', 0)
  return { server, reported, port, url: `http://127.0.0.1:${port}` }
}

/** Everything that a server answers to these bytes on one connection, once it has closed it. */
export async function exchange(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  let answer = ''
  socket.on('data', (text) => {
    answer += text
  })
  socket.write(bytes)
  await once(socket, 'close')
  return answer
}

const unexpected = {
  execute: () => {
    throw new Error('This use case was not expected to be called.')
  },
}

const NONE: UseCases = {
  nextId: unexpected,
  nextIds: unexpected,
  decodeId: unexpected,
  createTag: unexpected,
  getTag: unexpected,
  listTags: unexpected,
  updateTag: unexpected,
  raiseTag: unexpected,
  freezeTag: unexpected,
  unfreezeTag: unexpected,
  deleteTag: unexpected,
  getTagState: unexpected,
  findOwner: unexpected,
}
