import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Container } from 'inversify'
import { z } from 'zod'
import { loadSettings } from '../../internal/config/load-settings.ts'
import { SnowflakeLayout } from '../../internal/domain/entity/snowflake-layout.ts'
import { LedgerRepository } from '../../internal/domain/generator/ledger-repository.ts'
import { openLog } from '../../internal/telemetry/logger.ts'
import { storeUnavailable } from '../../pkg/errors/failures.ts'
import { sqliteTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { buildContainer } from './container.ts'
import { type Machine, thisMachine } from './machine.ts'
import { Service } from './server.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await sqliteTestDatabase()
})

afterAll(() => database.drop())

/** A service of its own on free ports, and all that it is made of. */
function newContainer(changes: Partial<Machine> = {}): Container {
  const env = {
    GOLOVES_STORE_URL: database.url,
    GOLOVES_GRPC_PORT: '0',
    GOLOVES_HTTP_PORT: '0',
    GOLOVES_SHUTDOWN_DRAIN_DELAY_MS: '0',
  }
  const settings = loadSettings({
    ...{ flags: {}, env, config: undefined },
    readFile: () => {
      throw new Error('No file is named.')
    },
  })
  return buildContainer(settings, { ...thisMachine(openLog('silent')), ...changes })
}

function newService(): Service {
  return newContainer().get(Service)
}

async function nextId(port: number, tag = 'snowflake'): Promise<bigint> {
  const answer = await fetch(`http://127.0.0.1:${port}/v1/tags/${tag}:nextId`, { method: 'POST' })
  return BigInt(z.object({ id: z.string() }).parse(await answer.json()).id)
}

test('a service that stops gives its worker id back, with the last tick that it used', async () => {
  const twitter = SnowflakeLayout.parse('twitter')
  const service = newService()
  const { http } = await service.start()
  await service.ready
  const last = await nextId(http)
  const { tick, worker } = twitter.unpack(last)
  await service.stop()
  const sql = `SELECT owner, reserved FROM leaf_worker WHERE pool = 'twitter' AND worker_id = ?`
  expect(await database.query(sql, [worker])).toEqual([{ owner: null, reserved: BigInt(tick) }])

  const successor = newService()
  const { http: again } = await successor.start()
  await successor.ready
  expect(await nextId(again)).toBeGreaterThan(last)
  await successor.stop()
})

test('a service that stops gives its ids back once, and the next one hands them out', async () => {
  const tag = 'order-service'
  const rests = `SELECT first_id, last_id, taken_by IS NULL AS free FROM leaf_returned
    WHERE biz_tag = '${tag}' ORDER BY last_id`
  const maxId = `SELECT max_id FROM leaf_alloc WHERE biz_tag = '${tag}'`
  const service = newService()
  const { http } = await service.start()
  await service.ready
  const last = await nextId(http, tag)
  const leased = await database.query(maxId)
  await service.stop()
  const [rest] = await database.query(rests)
  expect(rest).toMatchObject({ first_id: last + 1n, free: 1n })

  const successor = newService()
  const { http: again } = await successor.start()
  await successor.ready
  expect(await nextId(again, tag)).toBe(last + 1n)
  expect(await database.query(rests)).toContainEqual({ ...rest, free: 0n })
  expect(await database.query(maxId)).toEqual(leased)
  await successor.stop()
  expect(await database.query(rests)).toContainEqual({ ...rest, first_id: last + 2n, free: 1n })
})

test('a service that stops writes down the leases that the ledger did not take before', async () => {
  const longBackoff = () => 100
  const container = newContainer({ random: longBackoff })
  const ledger = container.get(LedgerRepository)
  const append = ledger.append.bind(ledger)
  const refused = Promise.withResolvers<void>()
  ledger.append = async () => {
    refused.resolve()
    throw storeUnavailable(0)
  }
  const service = container.get(Service)
  const { http } = await service.start()
  await service.ready
  const id = await nextId(http, 'order-service')
  await refused.promise
  ledger.append = append
  const sql = `SELECT COUNT(*) AS leases FROM leaf_ledger WHERE first_id = ${id}`
  expect(await database.query(sql)).toEqual([{ leases: 0n }])
  await service.stop()
  expect(await database.query(sql)).toEqual([{ leases: 1n }])
})
