import { createServer, type RequestListener } from 'node:http'
import { promisify } from 'node:util'
import { type handleUnaryCall, Metadata, Server, ServerCredentials, status } from '@grpc/grpc-js'
import { afterEach, describe, expect, test } from '@jest/globals'
import { encodeDetails } from '../../internal/delivery/grpc/status-details.ts'
import type { UseCases } from '../../internal/delivery/use-cases.ts'
import { listening } from '../../test/support/listening.ts'
import { liveHttp } from '../../test/support/live-http.ts'
import { GolovesError } from '../errors/goloves-error.ts'
import type { Target } from './client-options.ts'
import { createClient } from './create-client.ts'

// Proxies, load balancers and strangers answer in the place of the service. Nothing of that is an id,
// and the service itself is asked next.

const ends: (() => unknown)[] = []

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

const OURS: Partial<UseCases> = {
  nextIds: { execute: (_, count) => [{ first: 41n, last: 40n + count }] },
}

/** What a client is told that has the stranger before it, and the service behind. */
async function ask(stranger: Target, deadlineMs = 10_000): Promise<bigint | string> {
  const { url } = await liveHttp(OURS)
  const targets = stranger.http === undefined ? [{ ...stranger, http: url }] : [stranger]
  const client = createClient({ targets, way: 'direct', deadlineMs })
  ends.push(() => client.close())
  return client.nextId('order-service').catch(({ code }: GolovesError) => code)
}

async function httpAnswering(listener: RequestListener): Promise<Target> {
  const server = createServer(listener)
  const port = await listening(server)
  ends.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { http: `http://127.0.0.1:${port}` }
}

const ONE = { first: '7', last: '7', step: '1' }

describe('over HTTP', () => {
  test.each<[string, number, string, string]>([
    ['no JSON', 200, 'text/html', '<html>Please log in</html>'],
    ['no ranges', 200, 'application/json', '{}'],
    ['null', 200, 'application/json', 'null'],
    ['no ids', 200, 'application/json', '{"ranges":[]}'],
    ['too many ids', 200, 'application/json', JSON.stringify({ ranges: [ONE, ONE] })],
    ...[
      { ...ONE, first: '8' },
      { ...ONE, first: '0', last: '0' },
      { ...ONE, first: '-1', last: '-1' },
      { ...ONE, first: '9223372036854775808', last: '9223372036854775808' },
      { ...ONE, step: '0' },
      { ...ONE, first: 7 },
      { ...ONE, first: '0x7' },
      { first: '7', last: '7' },
      null,
      'seven',
    ].map((range): [string, number, string, string] => [
      `the range ${JSON.stringify(range)}`,
      200,
      'application/json',
      JSON.stringify({ ranges: [range] }),
    ]),
    ['an error of its own', 502, 'text/html', '<html>Bad gateway</html>'],
    ['an error with a code of its own', 404, 'application/json', '{"code":"TAG_NOT_FOUND"}'],
    ['a way to somewhere else', 302, 'text/plain', ''],
    ['nothing', 204, 'text/plain', ''],
    ['more than is read', 200, 'application/json', `{"ranges":"${'x'.repeat(5_000_000)}"}`],
  ])('%s is no answer', async (_, code, type, body) => {
    const stranger = await httpAnswering((_request, response) => {
      response.writeHead(code, { 'content-type': type }).end(body)
    })
    expect(await ask(stranger, 300)).toBe('STORE_UNAVAILABLE')
  })

  test('an answer that breaks off is none', async () => {
    const stranger = await httpAnswering((_request, response) => {
      response.writeHead(200, { 'content-length': 1000 })
      response.write('{"ranges":[', () => response.destroy())
    })
    expect(await ask(stranger, 300)).toBe('STORE_UNAVAILABLE')
  })

  test('silence is none', async () => {
    expect(await ask(await httpAnswering(() => {}), 300)).toBe('DEADLINE_EXCEEDED')
  })

  test('a code that is not known yet is one of the service all the same', async () => {
    const stranger = await httpAnswering((_request, response) => {
      response.writeHead(409, { 'content-type': 'application/problem+json' })
      response.end('{"code":"TAG_ASLEEP","detail":"It sleeps."}')
    })
    expect(await ask(stranger, 300)).toBe('INTERNAL')
  })
})

interface GrpcStatus {
  readonly code: status
  readonly details: string
  readonly metadata?: Metadata
}

const raw = (bytes: Buffer) => bytes

/** A gRPC server that answers NextIds with these bytes, or this status. */
async function grpcAnswering(answer: Buffer | GrpcStatus): Promise<Target> {
  const server = new Server()
  const nextIds = {
    path: '/goloves.v1.IdService/NextIds',
    requestStream: false,
    responseStream: false,
    requestSerialize: raw,
    requestDeserialize: raw,
    responseSerialize: raw,
    responseDeserialize: raw,
  } as const
  const handler: handleUnaryCall<Buffer, Buffer> = (_call, respond) =>
    Buffer.isBuffer(answer) ? respond(null, answer) : respond(answer)
  server.addService({ nextIds }, { nextIds: handler })
  const bind = promisify(server.bindAsync.bind(server))
  const port = await bind('127.0.0.1:0', ServerCredentials.createInsecure())
  ends.push(() => server.forceShutdown())
  return { grpc: `127.0.0.1:${port}` }
}

describe('over gRPC', () => {
  test.each<[string, Buffer | GrpcStatus]>([
    ['an empty message', Buffer.alloc(0)],
    ['no message of ours', Buffer.from('ffffffff', 'hex')],
    ['two ids instead of one', Buffer.from('0a06080110021801', 'hex')],
    ...(['UNAVAILABLE', 'UNIMPLEMENTED', 'INTERNAL', 'UNKNOWN', 'CANCELLED'] as const).map(
      (name): [string, GrpcStatus] => [name, { code: status[name], details: 'Not of ours.' }],
    ),
    ['an error without a reason', withDetails(Buffer.from('0800', 'hex'))],
    ['an error that can not be read', withDetails(Buffer.from('ffffffff', 'hex'))],
  ])('%s is no answer, and HTTP is asked', async (_, answer) => {
    expect(await ask(await grpcAnswering(answer))).toBe(41n)
  })

  test('an instance that ends the oldest of too many calls is overloaded', async () => {
    const answer = { code: status.RESOURCE_EXHAUSTED, details: 'Bandwidth exhausted' }
    expect(await ask(await grpcAnswering(answer))).toBe('OVERLOADED')
  })

  test('a code that is not known yet is one of the service all the same', async () => {
    const details = encodeDetails(9, new GolovesError('TAG_FROZEN', 'It sleeps.'))
    const renamed = Buffer.from(
      details.toString('latin1').replace('TAG_FROZEN', 'TAG_ASLEEP'),
      'latin1',
    )
    expect(await ask(await grpcAnswering(withDetails(renamed)))).toBe('INTERNAL')
  })
})

function withDetails(bytes: Buffer): GrpcStatus {
  const metadata = new Metadata()
  metadata.set('grpc-status-details-bin', bytes)
  return { code: status.FAILED_PRECONDITION, details: 'It sleeps.', metadata }
}
