import { parseStoreUrl } from '../../internal/config/store-url.ts'
import type { SegmentRepository } from '../../internal/domain/generator/segment-repository.ts'
import type { TagRepository } from '../../internal/domain/generator/tag-repository.ts'
import type { Database } from '../../internal/repository/database/database.ts'
import { MysqlDatabase } from '../../internal/repository/database/mysql-database.ts'
import { bigintOf } from '../../internal/repository/database/row.ts'
import { SqliteDatabase } from '../../internal/repository/database/sqlite-database.ts'
import { MemoryStore } from '../../internal/repository/memory-store.ts'
import { migrate } from '../../internal/repository/migration.ts'
import { MemorySegmentRepository } from '../../internal/repository/segment/memory-segment-repository.ts'
import { MysqlSegmentRepository } from '../../internal/repository/segment/mysql-segment-repository.ts'
import { SqliteSegmentRepository } from '../../internal/repository/segment/sqlite-segment-repository.ts'
import { TransactionSegmentRepository } from '../../internal/repository/segment/transaction-segment-repository.ts'
import { KnexTagRepository } from '../../internal/repository/tag/knex-tag-repository.ts'
import { MemoryTagRepository } from '../../internal/repository/tag/memory-tag-repository.ts'
import { SystemClock } from '../../pkg/clock/system-clock.ts'
import { mysqlTestDatabase, sqliteTestDatabase, type TestDatabase } from './database.ts'

/** A store without any tags, two instances that use it, and a hand that changes rows behind their backs. */
export interface StoreRig {
  readonly segments: readonly [SegmentRepository, SegmentRepository]
  readonly tags: readonly [TagRepository, TagRepository]
  /** Writes a row of `leaf_alloc` that was not there. */
  insert(tag: string, row: { readonly maxId: bigint; readonly step: number }): Promise<void>
  setStep(tag: string, step: number): Promise<void>
  setMaxId(tag: string, maxId: bigint): Promise<void>
  remove(tag: string): Promise<void>
  /** What `leaf_alloc` says. */
  maxId(tag: string): Promise<bigint>
  close(): Promise<void>
}

export type OpenRig = () => Promise<StoreRig>

/** What stands between the repositories and their database. */
export type Wrap = (database: Database) => Database

const CONTEXT = { clock: new SystemClock(), random: Math.random, logger: { warn: () => {} } }

export function openDatabase(url: string): Database {
  const address = parseStoreUrl(url)
  return address.kind === 'mysql'
    ? new MysqlDatabase(address, CONTEXT)
    : new SqliteDatabase(address.file, CONTEXT)
}

export async function memoryRig(): Promise<StoreRig> {
  const store = new MemoryStore()
  const change = (tag: string, changes: { step?: number; maxId?: bigint }) => {
    const row = store.allocs.get(tag)
    if (row) store.allocs.set(tag, { ...row, ...changes })
  }
  return {
    segments: [new MemorySegmentRepository(store), new MemorySegmentRepository(store)],
    tags: [new MemoryTagRepository(store), new MemoryTagRepository(store)],
    insert: async (tag, row) => void store.allocs.set(tag, { ...row, description: '' }),
    setStep: async (tag, step) => change(tag, { step }),
    setMaxId: async (tag, maxId) => change(tag, { maxId }),
    remove: async (tag) => void store.allocs.delete(tag),
    maxId: async (tag) => store.allocs.get(tag)?.maxId ?? -1n,
    close: async () => {},
  }
}

export async function sqliteRig(wrap: Wrap = same): Promise<StoreRig> {
  return await databaseRig(
    await sqliteTestDatabase(),
    (database) => new SqliteSegmentRepository(database),
    wrap,
  )
}

export async function mysqlRig(wrap: Wrap = same): Promise<StoreRig> {
  return await databaseRig(
    await mysqlTestDatabase(),
    (database) => new MysqlSegmentRepository(database, CONTEXT.logger),
    wrap,
  )
}

export async function mysqlTransactionRig(wrap: Wrap = same): Promise<StoreRig> {
  return await databaseRig(
    await mysqlTestDatabase(),
    (database) => new TransactionSegmentRepository(database),
    wrap,
  )
}

async function databaseRig(
  hand: TestDatabase,
  segmentsOf: (database: Database) => SegmentRepository,
  wrap: Wrap,
): Promise<StoreRig> {
  const plain = [openDatabase(hand.url), openDatabase(hand.otherUrl)] as const
  await migrate(plain[0], AbortSignal.timeout(10_000))
  for (const table of ['leaf_alloc', 'leaf_tag']) await hand.query(`DELETE FROM ${table}`)
  const [one, other] = [wrap(plain[0]), wrap(plain[1])]
  const tagsOf = (database: Database, name: string) =>
    new KnexTagRepository(database, CONTEXT.clock, { name, address: '127.0.0.1:50051' })
  return {
    segments: [segmentsOf(one), segmentsOf(other)],
    tags: [tagsOf(one, 'one'), tagsOf(other, 'other')],
    ...rowsBy(hand),
    async close() {
      await Promise.all(plain.map((database) => database.close()))
      await hand.drop()
    },
  }
}

function rowsBy(hand: TestDatabase): Omit<StoreRig, 'segments' | 'tags' | 'close'> {
  const set = async (column: string, value: string | number, tag: string) => {
    await hand.query(`UPDATE leaf_alloc SET ${column} = ? WHERE biz_tag = ?`, [value, tag])
  }
  return {
    async insert(tag, { maxId, step }) {
      await hand.query('INSERT INTO leaf_alloc (biz_tag, max_id, step) VALUES (?, ?, ?)', [
        ...[tag, String(maxId), step],
      ])
    },
    setStep: (tag, step) => set('step', step, tag),
    setMaxId: (tag, maxId) => set('max_id', String(maxId), tag),
    async remove(tag) {
      await hand.query('DELETE FROM leaf_alloc WHERE biz_tag = ?', [tag])
    },
    async maxId(tag) {
      const [row] = await hand.query('SELECT max_id FROM leaf_alloc WHERE biz_tag = ?', [tag])
      if (!row) throw new Error(`there is no row ${tag}`)
      return bigintOf(row, 'max_id')
    },
  }
}

function same(database: Database): Database {
  return database
}
