import type { IdRange } from '../../internal/domain/entity/id-range.ts'
import type { LedgerRepository } from '../../internal/domain/generator/ledger-repository.ts'
import type { RestRepository } from '../../internal/domain/generator/rest-repository.ts'
import type { TagRepository } from '../../internal/domain/generator/tag-repository.ts'
import { bigintOf } from '../../internal/repository/database/row.ts'
import { KnexLedgerRepository } from '../../internal/repository/ledger/knex-ledger-repository.ts'
import { MemoryLedgerRepository } from '../../internal/repository/ledger/memory-ledger-repository.ts'
import { MemoryStore } from '../../internal/repository/memory-store.ts'
import { migrate } from '../../internal/repository/migration.ts'
import { KnexRestRepository } from '../../internal/repository/rest/knex-rest-repository.ts'
import { MemoryRestRepository } from '../../internal/repository/rest/memory-rest-repository.ts'
import { KnexTagRepository } from '../../internal/repository/tag/knex-tag-repository.ts'
import { MemoryTagRepository } from '../../internal/repository/tag/memory-tag-repository.ts'
import { SystemClock } from '../../pkg/clock/system-clock.ts'
import { mysqlTestDatabase, sqliteTestDatabase, type TestDatabase } from './database.ts'
import { openDatabase, type Wrap } from './store-rig.ts'

/** What instances hand to each other through one store, and a hand that lets time pass in it. */
export interface RestRig {
  readonly tags: TagRepository
  rests(instance: string): RestRepository
  ledger(instance: string): LedgerRepository
  /** What anybody may take of a tag, whatever its generation; lowest first. */
  free(tag: string): Promise<readonly IdRange[]>
  /** All that is stored becomes so much older. */
  age(ms: number): Promise<void>
  close(): Promise<void>
}

/** A rig whose store is a database. */
export interface DatabaseRestRig extends RestRig {
  readonly hand: TestDatabase
}

export type OpenRestRig = () => Promise<RestRig>

export async function memoryRestRig(): Promise<RestRig> {
  const store = new MemoryStore()
  let aheadMs = 0
  const nowMs = () => Date.now() + aheadMs
  return {
    tags: new MemoryTagRepository(store),
    rests: (instance) => new MemoryRestRepository(store, instance, nowMs),
    ledger: (instance) => new MemoryLedgerRepository(store, instance, nowMs),
    async free(name) {
      const rows = [...store.returned.values()]
      const free = rows.filter(({ tag, takenBy }) => tag === name && takenBy === undefined)
      return free.map(({ range }) => range).sort((a, b) => Number(a.last - b.last))
    },
    async age(ms) {
      aheadMs += ms
    },
    close: async () => {},
  }
}

export async function sqliteRestRig(wrap?: Wrap): Promise<DatabaseRestRig> {
  return await databaseRig(await sqliteTestDatabase(), wrap)
}

export async function mysqlRestRig(wrap?: Wrap): Promise<DatabaseRestRig> {
  return await databaseRig(await mysqlTestDatabase(), wrap)
}

async function databaseRig(
  hand: TestDatabase,
  wrap: Wrap = (database) => database,
): Promise<DatabaseRestRig> {
  const clock = new SystemClock()
  const plain = openDatabase(hand.url)
  await migrate(plain, AbortSignal.timeout(10_000))
  const other = openDatabase(hand.otherUrl)
  const database = wrap(other)
  return {
    hand,
    tags: new KnexTagRepository(plain, clock, { name: 'the-hand', address: '' }),
    rests: (instance) => new KnexRestRepository(database, clock, instance),
    ledger: (instance) => new KnexLedgerRepository(database, clock, instance),
    async free(tag) {
      const rows = await hand.query(
        `SELECT first_id, last_id FROM leaf_returned WHERE biz_tag = ? AND taken_by IS NULL
          ORDER BY last_id`,
        [tag],
      )
      return rows.map((row) => ({
        first: bigintOf(row, 'first_id'),
        last: bigintOf(row, 'last_id'),
      }))
    },
    async age(ms) {
      await hand.query(`UPDATE leaf_returned SET returned_ms = returned_ms - ${ms}`)
      await hand.query(`UPDATE leaf_ledger SET leased_ms = leased_ms - ${ms}`)
      await hand.query(`UPDATE leaf_instance SET last_seen = last_seen - ${ms}`)
    },
    async close() {
      await Promise.all([plain.close(), other.close()])
      await hand.drop()
    },
  }
}
