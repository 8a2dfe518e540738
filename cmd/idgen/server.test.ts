import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { z } from 'zod'
import { loadSettings } from '../../internal/config/load-settings.ts'
import { SnowflakeLayout } from '../../internal/domain/entity/snowflake-layout.ts'
import { openLog } from '../../internal/telemetry/logger.ts'
import { sqliteTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { buildContainer } from './container.ts'
import { thisMachine } from './machine.ts'
import { Service } from './server.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await sqliteTestDatabase()
})

afterAll(() => database.drop())

/** A service of its own on free ports. */
function newService(): Service {
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
  return buildContainer(settings, thisMachine(openLog('silent'))).get(Service)
}

async function nextId(http: string): Promise<bigint> {
  const answer = await fetch(`http://${http}/v1/tags/snowflake:nextId`, { method: 'POST' })
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
