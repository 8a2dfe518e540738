import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { FreeWorker, WorkerHolder } from '../../internal/domain/generator/worker-repository.ts'
import type { Database } from '../../internal/repository/database/database.ts'
import { migrate } from '../../internal/repository/migration.ts'
import { KnexWorkerRepository } from '../../internal/repository/worker/knex-worker-repository.ts'
import { mysqlTestDatabase, sqliteTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { FaultProxy } from '../support/fault-proxy.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { sqliteFile } from '../support/sqlite-file.ts'
import { openDatabase } from '../support/store-rig.ts'
import { freeOf, holderOf, newPool, reach } from '../support/worker-claim.ts'

const UNAVAILABLE = { code: 'STORE_UNAVAILABLE' }

const pool = newPool(4)
let hand: TestDatabase
let database: Database
/** The two seconds that a call has pass when a test says so. */
let clock: ManualClock
let workers: KnexWorkerRepository
let free: FreeWorker
let holder: WorkerHolder

async function use(url: string): Promise<void> {
  database = openDatabase(url)
  clock = new ManualClock()
  workers = new KnexWorkerRepository(database, clock)
  await migrate(database, AbortSignal.timeout(5_000))
  free = freeOf(await workers.survey(pool))
  holder = holderOf(pool, free)
}

describe('a server behind a network that breaks', () => {
  let proxy: FaultProxy

  beforeEach(async () => {
    hand = await mysqlTestDatabase()
    proxy = await FaultProxy.to(hand.url)
    await use(proxy.url)
  })

  afterEach(async () => {
    await database.close()
    await proxy.close()
    await hand.drop()
  })

  test('a claim whose reply is lost fails, and a renewal proves that it happened', async () => {
    proxy.loseReply(1)
    await expect(workers.claim(holder, free, reach(100))).rejects.toMatchObject(UNAVAILABLE)
    expect(await workers.renew(holder, free.reserved, reach(200))).toBe(true)
    expect((await workers.survey(pool, free.worker)).free).toBeUndefined()
  })

  test('a renewal whose reply is lost fails, and the next one succeeds on what it reserved', async () => {
    await workers.claim(holder, free, reach(100))
    proxy.loseReply(1)
    await expect(workers.renew(holder, 100, reach(200))).rejects.toMatchObject(UNAVAILABLE)
    expect(await workers.renew(holder, 200, reach(300))).toBe(true)
  })

  const calls: [string, () => Promise<unknown>][] = [
    ['a survey', () => workers.survey(pool)],
    ['a claim', () => workers.claim(holder, free, reach(100))],
    ['a renewal', () => workers.renew(holder, 0, reach(100))],
    ['a release', () => workers.release(holder, 0)],
  ]
  test.each(calls)(
    '%s that is not answered ends after two seconds, the connection with it',
    async (_, call) => {
      proxy.hang()
      const failure = expect(call()).rejects.toMatchObject(UNAVAILABLE)
      await clock.advance(1_999)
      expect(proxy.open).toBe(1)
      await clock.advance(1)
      await failure
      await eventually(
        async () => proxy.open,
        (count) => count === 0,
      )
      proxy.release()
      expect((await workers.survey(pool)).nowMs).toBeGreaterThan(0)
      expect(clock.pending).toBe(0)
    },
  )
})

describe('a file that somebody keeps locked', () => {
  beforeEach(async () => {
    hand = await sqliteTestDatabase()
    await use(hand.url)
  })

  afterEach(async () => {
    await database.close()
    await hand.drop()
  })

  test('is waited for asleep, two seconds at most', async () => {
    const locker = sqliteFile(hand.url.replace('sqlite:', ''))
    await locker.query('BEGIN IMMEDIATE')
    try {
      // Reading needs no lock.
      expect((await workers.survey(pool)).free).toEqual(free)
      const failure = expect(workers.claim(holder, free, reach(100))).rejects.toMatchObject(
        UNAVAILABLE,
      )
      await clock.advance(2_000)
      await failure
      const claimed = workers.claim(holder, free, reach(100))
      await locker.query('COMMIT')
      expect(await claimed).toBe(true)
    } finally {
      await locker.close()
    }
  })
})
