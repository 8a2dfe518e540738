import { withTimeLimit } from '../../pkg/async/time-limit.ts'
import type { LedgerRepository } from '../domain/generator/ledger-repository.ts'
import type { RestRepository } from '../domain/generator/rest-repository.ts'
import type { SegmentRepository } from '../domain/generator/segment-repository.ts'
import type { TagRepository } from '../domain/generator/tag-repository.ts'
import type { WorkerRepository } from '../domain/generator/worker-repository.ts'
import type { Database, DatabaseContext } from './database/database.ts'
import { type MysqlAddress, MysqlDatabase } from './database/mysql-database.ts'
import { SqliteDatabase } from './database/sqlite-database.ts'
import { checkStore, type StoreFinding } from './database/store-check.ts'
import { countUpdates } from './database/update-count.ts'
import { KnexLedgerRepository } from './ledger/knex-ledger-repository.ts'
import { migrate } from './migration.ts'
import { KnexRestRepository } from './rest/knex-rest-repository.ts'
import { MysqlSegmentRepository } from './segment/mysql-segment-repository.ts'
import { SqliteSegmentRepository } from './segment/sqlite-segment-repository.ts'
import { type Instance, KnexTagRepository } from './tag/knex-tag-repository.ts'
import { raiseAll, type TagRaise } from './tag/raise-all.ts'
import { KnexWorkerRepository } from './worker/knex-worker-repository.ts'

const CHECK_LIMIT_MS = 5_000
/** DDL may wait for others who create the same tables. */
const MIGRATE_LIMIT_MS = 30_000

/** Where a store is. */
export type StoreAddress =
  | ({ readonly kind: 'mysql' } & MysqlAddress)
  | { readonly kind: 'sqlite'; readonly file: string }

export interface StoreOptions extends DatabaseContext {
  /** Under which name this process says in `leaf_instance` that it was here. */
  readonly instance: Instance
}

/** The store that all instances share. Nothing is connected before the first call. */
export abstract class Store {
  abstract readonly segments: SegmentRepository
  abstract readonly tags: TagRepository
  abstract readonly rests: RestRepository
  /** On a connection of its own, too: nobody waits for it. */
  abstract readonly ledger: LedgerRepository
  /** On a connection of its own: what a lease of ids waits for holds up no renewal. */
  abstract readonly workers: WorkerRepository

  /**
   * Creates the tables that are missing, and the tag `snowflake` with its pool of worker ids; any
   * number of processes may do so at once. A new embedded file also gets the seed's row, once.
   * @throws GolovesError STORE_UNAVAILABLE after 30 s at most.
   */
  abstract migrate(): Promise<void>

  /**
   * What whoever runs the store should know. @throws GolovesError STORE_UNAVAILABLE after 5 s at
   * most; Error that names the tables that are missing.
   */
  abstract check(): Promise<readonly StoreFinding[]>

  /**
   * Moves all tags on after a restore, or after commits were lost: each segment tag by so many ids above
   * the highest that is known to be used, so also what was lost while it was frozen, and what it was deleted with.
   * Before that it opens all pools of worker ids anew: nobody claims one for a lease and 4 s from then on.
   *
   * @returns What became of each tag, in byte order of their names, as soon as that is known. A tag that
   * cannot be raised does not stop it. @throws GolovesError STORE_UNAVAILABLE before the first.
   */
  abstract raiseAll(by: bigint): AsyncIterable<TagRaise>

  /**
   * How many UPDATE statements the database has counted so far, by its own account: a MySQL server
   * those of all its clients since it started, SQLite the rows that this process has changed, those
   * of worker ids and of the ledger aside. @throws GolovesError STORE_UNAVAILABLE after 5 s at most.
   */
  abstract countUpdates(): Promise<bigint>

  /** Closes all connections, in two seconds at most. */
  abstract close(): Promise<void>
}

/** @throws Error when the folder of an embedded store can't be created. */
export function openStore(address: StoreAddress, options: StoreOptions): Store {
  const { clock, instance, logger } = options
  const open = (maxConnections?: number): Database =>
    address.kind === 'mysql'
      ? new MysqlDatabase(address, options, maxConnections)
      : new SqliteDatabase(address.file, options)
  const database = open()
  const workerDatabase = open(1)
  const ledgerDatabase = open(1)
  return {
    segments:
      address.kind === 'mysql'
        ? new MysqlSegmentRepository(database, logger)
        : new SqliteSegmentRepository(database),
    tags: new KnexTagRepository(database, clock, instance),
    rests: new KnexRestRepository(database, clock, instance.name),
    ledger: new KnexLedgerRepository(ledgerDatabase, clock, instance.name),
    workers: new KnexWorkerRepository(workerDatabase, clock),
    migrate: () => withTimeLimit(clock, MIGRATE_LIMIT_MS, (signal) => migrate(database, signal)),
    check: () => withTimeLimit(clock, CHECK_LIMIT_MS, (signal) => checkStore(database, signal)),
    raiseAll: (by) => raiseAll(database, clock, by),
    countUpdates: () =>
      withTimeLimit(clock, CHECK_LIMIT_MS, (signal) => countUpdates(database, signal)),
    async close() {
      const databases = [database, workerDatabase, ledgerDatabase]
      await Promise.all(databases.map((each) => each.close()))
    },
  }
}
