import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type {
  WorkerPool,
  WorkerRepository,
} from '../../internal/domain/generator/worker-repository.ts'
import {
  Database,
  type Session,
  type StatementResult,
} from '../../internal/repository/database/database.ts'
import { numberOf, textOf } from '../../internal/repository/database/row.ts'
import { migrate } from '../../internal/repository/migration.ts'
import { KnexWorkerRepository } from '../../internal/repository/worker/knex-worker-repository.ts'
import { SystemClock } from '../../pkg/clock/system-clock.ts'
import { type PrivateMariadb, startPrivateMariadb } from '../support/private-mariadb.ts'
import { openDatabase } from '../support/store-rig.ts'
import { claimFree, freeOf, holderOf, newPool, reach } from '../support/worker-claim.ts'

// Local time stands still for an hour in October and jumps over one in March. Leases that were counted
// in it would end an hour late or early. Our connections set their time zone to UTC; here they are put
// back to the server's, so that nothing but the statements is to thank.

const BERLIN = fileURLToPath(new URL('../support/mariadbd-in-berlin.sh', import.meta.url))
const LIFE_MS = 30_000

/** A server whose local time is Berlin's and whose clock stands at `nowMs`. */
class BerlinDatabase extends Database {
  readonly dialect
  readonly #database: Database
  nowMs = 0

  constructor(database: Database) {
    super()
    this.dialect = database.dialect
    this.#database = database
  }

  run<T>(signal: AbortSignal, work: (session: Session) => Promise<T>): Promise<T> {
    return this.#database.run(signal, (session) =>
      work({
        run: async (sql, bindings): Promise<StatementResult> => {
          await session.run(`SET time_zone = 'SYSTEM', timestamp = ${this.nowMs / 1000}`)
          return await session.run(sql, bindings)
        },
        transaction: (inner) => session.transaction(inner),
      }),
    )
  }

  close(): Promise<void> {
    return this.#database.close()
  }
}

let server: PrivateMariadb
let database: BerlinDatabase
let workers: WorkerRepository
let pool: WorkerPool

beforeAll(async () => {
  server = await startPrivateMariadb(BERLIN)
  const plain = openDatabase(server.url)
  await migrate(plain, AbortSignal.timeout(10_000))
  database = new BerlinDatabase(plain)
  workers = new KnexWorkerRepository(database, new SystemClock())
}, 60_000)

afterAll(async () => {
  await database?.close()
  await server?.stop()
})

beforeEach(() => {
  pool = newPool(1)
})

test.each([
  ['before', '2026-03-29T00:59:59.999Z', '2026-03-29 01:59:59.999'],
  ['after', '2026-03-29T01:00:00.000Z', '2026-03-29 03:00:00.000'],
  ['before', '2026-10-25T00:59:59.999Z', '2026-10-25 02:59:59.999'],
  ['after', '2026-10-25T01:00:00.000Z', '2026-10-25 02:00:00.000'],
])('%s the change at %s the clock on the wall shows %s, ours UTC', async (_, utc, local) => {
  database.nowMs = Date.parse(utc)
  const { rows } = await database.run(AbortSignal.timeout(5_000), (session) =>
    session.run('SELECT CAST(NOW(3) AS CHAR) AS wall'),
  )
  expect(textOf(rows[0] ?? {}, 'wall')).toBe(local)
  const { nowMs, openedMs } = await workers.survey(pool)
  expect({ nowMs, openedMs }).toEqual({ nowMs: Date.parse(utc), openedMs: Date.parse(utc) })
})

describe.each([
  ['summer', Date.UTC(2026, 2, 29, 1)],
  ['winter', Date.UTC(2026, 9, 25, 1)],
])('across the change to %s time', (_, changeMs) => {
  const goTo = (afterChangeMs: number) => {
    database.nowMs = changeMs + afterChangeMs
  }

  test('a lease claimed before it ends after exactly its life', async () => {
    goTo(-10_000)
    const holder = await claimFree(workers, pool, reach(100, LIFE_MS))
    const openedMs = changeMs - 10_000
    const seen = { worker: 0, epoch: holder.epoch, reserved: 100, openedMs }
    for (const ms of [-10_000, -1, 0, 10_000, 20_000]) {
      goTo(ms)
      expect(await workers.survey(pool)).toEqual({
        nowMs: changeMs + ms,
        openedMs,
        free: undefined,
        nextEndMs: changeMs + 20_000,
      })
      expect(await workers.claim(holderOf(pool, seen), seen, reach(200, LIFE_MS))).toBe(false)
    }
    goTo(20_001)
    const survey = await workers.survey(pool)
    expect(survey).toMatchObject({ free: seen, nextEndMs: undefined })
    const next = holderOf(pool, freeOf(survey))
    expect(await workers.claim(next, seen, reach(200, LIFE_MS))).toBe(true)
    expect((await workers.survey(pool)).nextEndMs).toBe(changeMs + 20_001 + LIFE_MS)
  })

  test('a lease renewed after it lasts exactly its life from then on', async () => {
    goTo(-10_000)
    const holder = await claimFree(workers, pool, reach(100, LIFE_MS))
    goTo(5_000)
    // The second says nothing that the first has not said, to the millisecond.
    for (let time = 0; time < 2; time += 1) {
      expect(await workers.renew(holder, 100, reach(200, LIFE_MS))).toBe(true)
      expect((await workers.survey(pool)).nextEndMs).toBe(changeMs + 5_000 + LIFE_MS)
    }
    goTo(5_000 + LIFE_MS)
    expect((await workers.survey(pool)).free).toBeUndefined()
    goTo(5_001 + LIFE_MS)
    expect((await workers.survey(pool)).free).toMatchObject({ epoch: 1n, reserved: 200 })
  })

  test('a lease is free at once when it was released, on either side', async () => {
    for (const ms of [-3_600_000, -1, 0, 3_600_000]) {
      goTo(ms)
      const holder = await claimFree(workers, pool, reach(100, LIFE_MS))
      await workers.release(holder, 50)
      expect((await workers.survey(pool)).free).toMatchObject({ worker: 0, reserved: 50 })
    }
  })

  test('a pool that migrate opens is as old as UTC says', async () => {
    goTo(-1)
    await database.run(AbortSignal.timeout(5_000), (session) =>
      session.run(`DELETE FROM leaf_worker WHERE pool = 'twitter'`),
    )
    await migrate(database, AbortSignal.timeout(5_000))
    const { rows } = await database.run(AbortSignal.timeout(5_000), (session) =>
      session.run(`SELECT expires_ms FROM leaf_worker WHERE pool = 'twitter'`),
    )
    expect(numberOf(rows[0] ?? {}, 'expires_ms')).toBe(changeMs - 1)
  })
})
