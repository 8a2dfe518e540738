import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { eventually } from '../support/eventually.ts'
import { GrpcClient, refusal } from '../support/grpc-client.ts'
import { newFolder } from '../support/program.ts'
import { type RunningService, serve, serveReady } from '../support/running-service.ts'
import { sqliteFile } from '../support/sqlite-file.ts'

/** Long enough to look at the service while it drains, also on a busy machine. */
const DRAIN = ['--shutdown-drain-delay-ms', '1000']
const DRAIN_LONG = ['--shutdown-drain-delay-ms', '6000']

/** While `work` runs, nobody else can write to the store of the service that runs in `folder`. */
async function withStoreHeld(folder: string, work: () => Promise<void>): Promise<void> {
  const file = sqliteFile(join(folder, 'data', 'goloves.db'))
  try {
    await file.query('BEGIN IMMEDIATE')
    await work()
  } finally {
    // Rolls back.
    await file.close()
  }
}

/** Waits until so many calls wait for ids of the tag `slow`. */
async function waiting(service: RunningService, callers: number): Promise<void> {
  const state = () => service.http('GET', '/v1/tags/slow:state')
  await eventually(state, ({ body }) => JSON.stringify(body).includes(`"waiters":${callers},`))
}

/** The next id, or why there is none: the code of a refusal, `fetch failed` if nobody listens. */
function outcome(service: RunningService): Promise<string> {
  return service.nextId('order-service').then(String, (error: Error) => error.message)
}

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  test('drains: not ready at once, serving for a while, the calls in flight to their end', async () => {
    const folder = newFolder()
    const service = await serveReady(DRAIN, { folder })
    const first = await service.nextId('order-service')
    await service.http('POST', '/v1/tags', { tag: 'slow' })
    let inFlight: Promise<PromiseSettledResult<bigint>[]> | undefined
    await withStoreHeld(folder, async () => {
      inFlight = Promise.allSettled([service.nextIdByGrpc('slow'), service.nextId('slow')])
      await waiting(service, 2)
      service.program.signal(signal)
      await service.program.said(/"Draining"/)
      expect(await service.http('GET', '/readyz')).toMatchObject({
        status: 503,
        body: { ready: false, reason: 'This instance is shutting down.' },
      })
      expect(await service.health()).toBe('NOT_SERVING')
      expect((await service.http('GET', '/healthz')).status).toBe(200)
      expect(await service.nextId('order-service')).toBeGreaterThan(first)
      const refused = await eventually(
        () => outcome(service),
        (said) => !/^\d+$/.test(said),
      )
      expect(refused).toMatch(/^(SHUTTING_DOWN|fetch failed)$/)
    })
    expect(await inFlight).toStrictEqual([
      { status: 'fulfilled', value: expect.any(BigInt) },
      { status: 'fulfilled', value: expect.any(BigInt) },
    ])
    expect(await service.program.ended).toMatchObject({ code: 0, signal: null })
  })
})

test.each([
  ['SIGTERM', 'SIGTERM'],
  ['SIGINT', 'SIGINT'],
  ['SIGTERM', 'SIGINT'],
] as const)('after %s, a second signal ends the process at once: %s', async (first, second) => {
  const service = await serveReady(DRAIN_LONG)
  service.program.signal(first)
  await service.program.said(/"Draining"/)
  // Whoever drains to the end ends with 0.
  expect(await service.stop(second)).toMatchObject({ code: 1, signal: null })
})

test('an open stream is told that the service shuts down', async () => {
  const service = await serveReady()
  const client = new GrpcClient(Number(service.grpcAddress.split(':')[1]))
  const stream = client.stream()
  stream.write({ tag: 'order-service', count: 1 })
  await once(stream, 'data')
  const [end, ended] = await Promise.all([refusal(once(stream, 'end')), service.stop()])
  client.close()
  expect(end).toMatchObject({
    status: 'UNAVAILABLE',
    details: [
      { type: 'ErrorInfo', value: { reason: 'SHUTTING_DOWN', domain: 'goloves' } },
      { type: 'RetryInfo' },
    ],
  })
  expect(ended.code).toBe(0)
})

test('a call that no store answers is cut off after the drain limit', async () => {
  const folder = newFolder()
  const service = await serveReady(['--shutdown-drain-limit-ms', '200'], { folder })
  await service.http('POST', '/v1/tags', { tag: 'slow' })
  await withStoreHeld(folder, async () => {
    const inFlight = refusal(service.nextIdByGrpc('slow', 6000))
    await waiting(service, 1)
    expect((await service.stop()).code).toBe(0)
    const { status, details } = await inFlight
    // At its own deadline it would be told DEADLINE_EXCEEDED or STORE_UNAVAILABLE.
    expect(status).toMatch(/^(CANCELLED|UNAVAILABLE)$/)
    expect(JSON.stringify(details)).not.toContain('STORE_UNAVAILABLE')
  })
})

test('a store that can be written again only during the stop does not keep the process alive', async () => {
  const folder = newFolder()
  mkdirSync(join(folder, 'data'))
  let service: RunningService | undefined
  let asker: Socket | undefined
  await withStoreHeld(folder, async () => {
    const notReady = await serve([], { folder })
    service = notReady
    // Half a request, which the stop waits for.
    asker = connect(Number(notReady.httpAddress.split(':')[1]), '127.0.0.1')
    const headers = ['Host: x', 'Content-Length: 2', 'Expect: 100-continue']
    asker.write(`POST /v1/tags HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`)
    await once(asker, 'data')
    notReady.program.signal('SIGTERM')
    const alive = () => notReady.http('GET', '/healthz').then(Boolean, () => false)
    await eventually(alive, (answers) => !answers)
  })
  const file = sqliteFile(join(folder, 'data', 'goloves.db'))
  await eventually(
    () => file.query('SELECT name FROM sqlite_master'),
    (tables) => tables.length > 0,
  )
  await file.close()
  asker?.end('{}')
  expect(await service?.program.ended).toMatchObject({ code: 0, signal: null })
})
