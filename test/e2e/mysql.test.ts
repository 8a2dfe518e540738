import { afterEach, describe, expect, test } from '@jest/globals'
import { mysqlTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { FaultProxy } from '../support/fault-proxy.ts'
import { refusal } from '../support/grpc-client.ts'
import { idgen, type Program } from '../support/program.ts'
import { type RunningService, serve, serveReady } from '../support/running-service.ts'

const TAG = 'order-service'

const opened = new Set<{ drop(): Promise<void> }>()

afterEach(async () => {
  for (const resource of opened) await resource.drop()
  opened.clear()
})

async function database(): Promise<TestDatabase> {
  const created = await mysqlTestDatabase()
  opened.add(created)
  return created
}

async function migrated(): Promise<TestDatabase> {
  const created = await database()
  expect((await idgen(['migrate', '--store-url', created.url])).code).toBe(0)
  return created
}

/** A way to the server of `url` that can be closed, and the URL that takes it. */
async function wayTo(url: string, port = 0) {
  const proxy = await FaultProxy.to(url, port)
  let isOpen = true
  const drop = async () => {
    if (isOpen) await proxy.close()
    isOpen = false
  }
  opened.add({ drop })
  return { url: proxy.url, port: proxy.port, close: drop }
}

function ready(service: RunningService, isReady: boolean): Promise<unknown> {
  return eventually(
    () => service.http('GET', '/readyz'),
    ({ status }) => status === (isReady ? 200 : 503),
  )
}

function healthIs(service: RunningService, status: string): Promise<unknown> {
  return eventually(
    () => service.health(),
    (said) => said === status,
  )
}

/** How often a message was logged. */
function count(program: Program, message: string): number {
  return program.logged().filter((logged) => logged === message).length
}

describe('a store that is away at the start', () => {
  test('leaves the service up and not ready, until it is there', async () => {
    const { url } = await migrated()
    const way = await wayTo(url)
    await way.close()
    const service = await serve(['--store-url', way.url])
    await service.program.said(/"Fault begins"/)
    expect((await service.http('GET', '/healthz')).status).toBe(200)
    expect(await service.http('GET', '/readyz')).toMatchObject({
      status: 503,
      body: { ready: false, reason: 'The store was not seen yet.' },
    })
    expect(await service.health()).toBe('NOT_SERVING')
    expect(await service.idgen('health')).toMatchObject({ code: 1, stderr: 'NOT_SERVING\n' })
    expect(await refusal(service.nextIdByGrpc(TAG, 500))).toMatchObject({
      status: 'UNAVAILABLE',
      details: [{ type: 'ErrorInfo', value: { reason: 'STORE_UNAVAILABLE' } }, {}],
    })
    await expect(service.nextId(TAG, 500)).rejects.toThrow('STORE_UNAVAILABLE')

    await wayTo(url, way.port)
    await service.program.said(/"Ready"/)
    expect((await service.http('GET', '/readyz')).status).toBe(200)
    await healthIs(service, 'SERVING')
    await service.http('POST', '/v1/tags', { tag: TAG })
    expect(await service.nextId(TAG)).toBe(1n)
    expect(count(service.program, 'Fault begins')).toBe(1)
    expect(count(service.program, 'Fault ends')).toBe(1)
    expect((await service.stop()).code).toBe(0)
  })

  test('does not keep the service from stopping, nor is its password told', async () => {
    const way = await wayTo('mysql://me:hunter2@127.0.0.1:1/ids')
    await way.close()
    const service = await serve(['--store-url', way.url])
    await service.program.said(/"Fault begins"/)
    const { code, stdout, stderr } = await service.stop()
    expect(code).toBe(0)
    expect(stdout + stderr).not.toContain('hunter2')
  })
})

test('a store without tables waits for idgen migrate, of which several may run at once', async () => {
  const { url } = await database()
  const service = await serve(['--store-url', url])
  await service.program.said(/Run \\"idgen migrate\\"/)
  expect((await service.http('GET', '/readyz')).status).toBe(503)
  const migrations = Array.from({ length: 4 }, () => idgen(['migrate', '--store-url', url]))
  expect((await Promise.all(migrations)).map(({ code }) => code)).toStrictEqual([0, 0, 0, 0])
  await service.program.said(/"Ready"/)
  expect((await service.idgen('tag', 'create', TAG, '--max-id', '1')).code).toBe(0)
  expect(await service.nextId(TAG)).toBe(2n)
})

test('serve makes the tables itself when it is told to', async () => {
  const { url } = await database()
  await serveReady([], { env: { GOLOVES_STORE_URL: url, GOLOVES_STORE_MIGRATE: 'true' } })
})

test('losing the store leaves the service ready while it has ids, and no longer', async () => {
  const { url } = await migrated()
  const way = await wayTo(url)
  const fixed = ['--segment-sizing', 'fixed', '--tags-refresh-ms', '100']
  const service = await serveReady(['--store-url', way.url, ...fixed])
  await service.http('POST', '/v1/tags', { tag: TAG, step: 5 })
  const ids = [await service.nextId(TAG)]
  await way.close()
  await service.program.said(/"Fault begins"/)
  expect((await service.http('GET', '/readyz')).status).toBe(200)
  expect(await service.health()).toBe('SERVING')

  const takeAll = async () => {
    for (;;) ids.push(await service.nextId(TAG, 400))
  }
  await expect(takeAll()).rejects.toThrow('STORE_UNAVAILABLE')
  expect(ids.length).toBeGreaterThan(5)
  await ready(service, false)
  expect(await service.http('GET', '/readyz')).toMatchObject({
    body: { ready: false, reason: 'The store does not answer and no ids are left.' },
  })
  await healthIs(service, 'NOT_SERVING')

  await wayTo(url, way.port)
  await ready(service, true)
  await healthIs(service, 'SERVING')
  ids.push(await service.nextId(TAG))
  expect(ids).toStrictEqual(ids.toSorted((a, b) => (a < b ? -1 : 1)))
  expect(new Set(ids).size).toBe(ids.length)
  await service.program.said(/"Fault ends"/)
  expect(count(service.program, 'Fault begins')).toBe(1)
  expect(count(service.program, 'Fault ends')).toBe(1)
})
