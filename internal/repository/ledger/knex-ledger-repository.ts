import type { Clock } from '../../../pkg/clock/clock.ts'
import type { TagName } from '../../domain/entity/tag.ts'
import {
  type LedgerEntry,
  type LedgerRecord,
  LedgerRepository,
} from '../../domain/generator/ledger-repository.ts'
import { type Binding, type Database, INTEGER, type Session } from '../database/database.ts'
import { bigintOf, numberOf, type Row, textOf } from '../database/row.ts'
import { type TimeLimitedRun, timeLimitedRun } from '../database/time-limited-run.ts'
import { utcNowMs } from '../database/utc-now.ts'

/** So many rows are written, or removed, by one statement. */
const BATCH = 500

/** The ledger in MySQL or SQLite. */
export class KnexLedgerRepository extends LedgerRepository {
  readonly #database: Database
  readonly #run: TimeLimitedRun
  readonly #instance: string
  readonly #msAgo: string

  /** @param instance The name of this process, whose leases are written. */
  constructor(database: Database, clock: Clock, instance: string) {
    super()
    this.#database = database
    this.#run = timeLimitedRun(database, clock)
    this.#instance = instance
    this.#msAgo = `${utcNowMs(database.dialect)} - ${INTEGER}`
  }

  append(entries: readonly LedgerEntry[]): Promise<void> {
    return this.#run(async (session) => {
      for (let from = 0; from < entries.length; from += BATCH) {
        await this.#insert(session, entries.slice(from, from + BATCH))
      }
    })
  }

  find(tag: TagName, id: bigint): Promise<LedgerRecord | undefined> {
    const sql = `SELECT l.first_id, l.last_id, l.instance, l.leased_ms, i.address
      FROM leaf_ledger l LEFT JOIN leaf_instance i ON i.name = l.instance
      WHERE l.biz_tag = ? AND l.first_id <= ${INTEGER} AND l.last_id =
        (SELECT MIN(last_id) FROM leaf_ledger WHERE biz_tag = ? AND last_id >= ${INTEGER})
      ORDER BY l.first_id DESC, l.leased_ms DESC LIMIT 1`
    return this.#run(async (session) => {
      const { rows } = await session.run(sql, [tag, String(id), tag, String(id)])
      return rows[0] && recordFrom(rows[0])
    })
  }

  prune(ageMs: number): Promise<boolean> {
    return this.#run(async (session) => {
      const leases = await this.#pruneLeases(session, ageMs)
      const instances = await this.#pruneInstances(session, ageMs)
      return leases === BATCH || instances === BATCH
    })
  }

  async #insert(session: Session, entries: readonly LedgerEntry[]): Promise<void> {
    const insert = this.#database.dialect === 'mysql' ? 'INSERT IGNORE' : 'INSERT OR IGNORE'
    const row = `(?, ${INTEGER}, ${INTEGER}, ?, ${this.#msAgo})`
    const sql = `${insert} INTO leaf_ledger (biz_tag, last_id, first_id, instance, leased_ms)
      VALUES ${entries.map(() => row).join(', ')}`
    const values = entries.flatMap(({ tag, range: { first, last }, ageMs }) => [
      ...[tag, String(last), String(first), this.#instance, whole(ageMs)],
    ])
    await session.run(sql, values)
  }

  /** What is old is looked for without a lock, and removed by its key: nobody waits for that. */
  async #pruneLeases(session: Session, ageMs: number): Promise<number> {
    const isOld = `leased_ms < ${this.#msAgo}`
    const old = `SELECT l.biz_tag, l.last_id, l.first_id, l.instance FROM leaf_ledger l
      WHERE l.${isOld}
        AND l.last_id < (SELECT n.last_id FROM leaf_ledger n WHERE n.biz_tag = l.biz_tag
          ORDER BY n.last_id DESC LIMIT 1)
      LIMIT ${BATCH}`
    const { rows } = await session.run(old, [whole(ageMs)])
    if (rows.length === 0) return 0
    const keys = rows.map(() => `(?, ${INTEGER}, ${INTEGER}, ?)`).join(', ')
    const listed = this.#database.dialect === 'mysql' ? keys : `VALUES ${keys}`
    // By its age, too: MariaDB looks a single key up by no index.
    const sql = `DELETE FROM leaf_ledger
      WHERE (biz_tag, last_id, first_id, instance) IN (${listed}) AND ${isOld}`
    await session.run(sql, [...rows.flatMap(keyOf), whole(ageMs)])
    return rows.length
  }

  async #pruneInstances(session: Session, ageMs: number): Promise<number> {
    const isOld = `last_seen < ${this.#msAgo}`
    const old = `SELECT name FROM leaf_instance WHERE ${isOld} LIMIT ${BATCH}`
    const { rows } = await session.run(old, [whole(ageMs)])
    if (rows.length === 0) return 0
    const names = rows.map(() => '?').join(', ')
    const sql = `DELETE FROM leaf_instance WHERE name IN (${names}) AND ${isOld}`
    await session.run(sql, [...rows.map((row) => textOf(row, 'name')), whole(ageMs)])
    return rows.length
  }
}

function whole(ms: number): string {
  return String(Math.round(ms))
}

function keyOf(row: Row): Binding[] {
  const ends = [String(bigintOf(row, 'last_id')), String(bigintOf(row, 'first_id'))]
  return [textOf(row, 'biz_tag'), ...ends, textOf(row, 'instance')]
}

function recordFrom(row: Row): LedgerRecord {
  return {
    range: { first: bigintOf(row, 'first_id'), last: bigintOf(row, 'last_id') },
    instance: textOf(row, 'instance'),
    address: textOf(row, 'address'),
    leasedAtMs: numberOf(row, 'leased_ms'),
  }
}
