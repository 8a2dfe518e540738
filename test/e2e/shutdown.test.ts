import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { eventually } from '../support/eventually.ts'
import { GrpcClient, refusal } from '../support/grpc-client.ts'
import { newFolder } from '../support/program.ts'
import { type RunningService, serveReady } from '../support/running-service.ts'
import { sqliteFile } from '../support/sqlite-file.ts'

/** Long enough to look at the service while it drains, also on a busy machine. */
const DRAIN = ['--shutdown-drain-delay-ms', '1500']
const FOR_EVER = ['--shutdown-drain-delay-ms', '600000']

/** Keeps everyone else from writing to the store of a service that runs in `folder`. */
async function holdStore(folder: string) {
  const file = sqliteFile(join(folder, 'data', 'goloves.db'))
  await file.query('BEGIN IMMEDIATE')
  return {
    async letGo() {
      await file.query('COMMIT')
      await file.close()
    },
  }
}

/** What becomes of asking for an id: it, the code of a refusal, or that nobody listens any more. */
async function outcome(service: RunningService): Promise<string> {
  try {
    return String(await service.nextId('order-service'))
  } catch (error) {
    return error instanceof TypeError ? 'REFUSED' : String(error)
  }
}

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  test('drains: not ready at once, serving for a while, the calls in flight to their end', async () => {
    const folder = newFolder()
    const service = await serveReady(DRAIN, { folder })
    const first = await service.nextId('order-service')
    await service.http('POST', '/v1/tags', { tag: 'slow' })
    const store = await holdStore(folder)
    const inFlight = Promise.allSettled([service.nextIdByGrpc('slow'), service.nextId('slow')])
    const state = () => service.http('GET', '/v1/tags/slow:state')
    await eventually(state, ({ body }) => JSON.stringify(body).includes('"waiters":2'))

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
    expect(refused).toMatch(/^(REFUSED|Error: SHUTTING_DOWN)$/)
    await store.letGo()
    expect(await inFlight).toStrictEqual([
      { status: 'fulfilled', value: 1n },
      { status: 'fulfilled', value: 2n },
    ])
    expect(await service.program.ended).toMatchObject({ code: 0, signal: null })
  })

  test('ends the process at once when it comes again', async () => {
    const service = await serveReady(FOR_EVER)
    service.program.signal(signal)
    await service.program.said(/"Draining"/)
    expect(await service.stop(signal)).toMatchObject({ code: 1, signal: null })
  })
})

test('an open stream is told that the service shuts down', async () => {
  const service = await serveReady()
  const client = new GrpcClient(Number(service.grpcAddress.split(':')[1]))
  const stream = client.stream()
  stream.write({ tag: 'order-service', count: 1 })
  await once(stream, 'data')
  const [end, ended] = await Promise.all([refusal(once(stream, 'end')), service.stop()])
  client.close()
  expect(end).toMatchObject({ status: 'UNAVAILABLE', details: [{ type: 'ErrorInfo' }, {}] })
  expect(JSON.stringify(end.details)).toContain('SHUTTING_DOWN')
  expect(ended.code).toBe(0)
})

test('a call that no store answers is cut off after the drain limit', async () => {
  const folder = newFolder()
  const service = await serveReady(['--shutdown-drain-limit-ms', '200'], { folder })
  await service.http('POST', '/v1/tags', { tag: 'slow' })
  const store = await holdStore(folder)
  const inFlight = expect(service.nextIdByGrpc('slow', 25_000)).rejects.toThrow()
  const state = () => service.http('GET', '/v1/tags/slow:state')
  await eventually(state, ({ body }) => JSON.stringify(body).includes('"waiters":1'))
  expect((await service.stop()).code).toBe(0)
  await inFlight
  await store.letGo()
})
