import type { WorkerRepository } from '../../internal/domain/generator/worker-repository.ts'
import type { Database } from '../../internal/repository/database/database.ts'
import { bigintOf, numberOf, type Row } from '../../internal/repository/database/row.ts'
import { migrate } from '../../internal/repository/migration.ts'
import { KnexWorkerRepository } from '../../internal/repository/worker/knex-worker-repository.ts'
import {
  MemoryWorkerRepository,
  type MemoryWorkerTable,
  type WorkerRow,
} from '../../internal/repository/worker/memory-worker-repository.ts'
import { SystemClock } from '../../pkg/clock/system-clock.ts'
import { mysqlTestDatabase, sqliteTestDatabase, type TestDatabase } from './database.ts'
import { openDatabase, type Wrap } from './store-rig.ts'

/** Two instances that lease worker ids from one store, and a hand that changes rows behind their backs. */
export interface WorkerRig {
  readonly workers: readonly [WorkerRepository, WorkerRepository]
  /** What the store says of a worker id, if it was ever claimed. */
  row(pool: string, worker: number): Promise<WorkerRow | undefined>
  /** Writes rows by hand, in the place of those that are there. */
  put(pool: string, rows: ReadonlyMap<number, WorkerRow>): Promise<void>
  /** Removes all rows of all pools by hand. */
  empty(): Promise<void>
  close(): Promise<void>
}

export type OpenWorkerRig = () => Promise<WorkerRig>

export async function memoryWorkerRig(): Promise<WorkerRig> {
  const table: MemoryWorkerTable = new Map()
  const workers = () => new MemoryWorkerRepository(table, Date.now)
  return {
    workers: [workers(), workers()],
    row: async (pool, worker) => table.get(pool)?.rows.get(worker),
    async put(pool, rows) {
      for (const [worker, row] of rows) table.get(pool)?.rows.set(worker, row)
    },
    empty: async () => table.clear(),
    close: async () => {},
  }
}

export async function sqliteWorkerRig(wrap: Wrap = same): Promise<WorkerRig> {
  return await databaseRig(await sqliteTestDatabase(), wrap)
}

export async function mysqlWorkerRig(wrap: Wrap = same): Promise<WorkerRig> {
  return await databaseRig(await mysqlTestDatabase(), wrap)
}

async function databaseRig(hand: TestDatabase, wrap: Wrap): Promise<WorkerRig> {
  const plain = [openDatabase(hand.url), openDatabase(hand.otherUrl)] as const
  await migrate(plain[0], AbortSignal.timeout(10_000))
  const workers = (database: Database) =>
    new KnexWorkerRepository(wrap(database), new SystemClock())
  return {
    workers: [workers(plain[0]), workers(plain[1])],
    ...rowsBy(hand),
    async close() {
      await Promise.all(plain.map((database) => database.close()))
      await hand.drop()
    },
  }
}

function rowsBy(hand: TestDatabase): Omit<WorkerRig, 'workers' | 'close'> {
  return {
    async row(pool, worker) {
      const sql = 'SELECT * FROM leaf_worker WHERE pool = ? AND worker_id = ?'
      const [row] = await hand.query(sql, [pool, worker])
      return row && workerRowFrom(row)
    },
    async put(pool, rows) {
      const values = [...rows].map(([worker, { owner, epoch, reserved, expiresMs }]) => {
        const named = owner === undefined ? 'NULL' : `'${owner}'`
        return `('${pool}', ${worker}, ${named}, ${epoch}, ${reserved}, ${expiresMs})`
      })
      const columns = 'pool, worker_id, owner, epoch, reserved, expires_ms'
      await hand.query(`REPLACE INTO leaf_worker (${columns}) VALUES ${values.join()}`)
    },
    async empty() {
      await hand.query('DELETE FROM leaf_worker')
    },
  }
}

function workerRowFrom(row: Row): WorkerRow {
  return {
    owner: row['owner'] === null ? undefined : String(row['owner']),
    epoch: bigintOf(row, 'epoch'),
    reserved: numberOf(row, 'reserved'),
    expiresMs: numberOf(row, 'expires_ms'),
  }
}

function same(database: Database): Database {
  return database
}
