import { withTimeLimit } from '../../../pkg/async/time-limit.ts'
import type { Clock } from '../../../pkg/clock/clock.ts'
import type { TagName } from '../../domain/entity/tag.ts'
import {
  type LedgerEntry,
  type LedgerRecord,
  LedgerRepository,
} from '../../domain/generator/ledger-repository.ts'
import type { Database, Session } from '../database/database.ts'
import { bigintOf, numberOf, type Row, textOf } from '../database/row.ts'
import { utcNowMs } from '../database/utc-now.ts'

const TIME_LIMIT_MS = 2_000
const PRUNED_AT_ONCE = 500
/** More leases than these never hold one id: the first one, and what was given back of it. */
const CANDIDATES = 100
const INTEGER = 'CAST(? AS SIGNED INTEGER)'

/** The ledger in MySQL or SQLite. */
export class KnexLedgerRepository extends LedgerRepository {
  readonly #database: Database
  readonly #clock: Clock
  readonly #instance: string

  /** @param instance The name of this process, whose leases are written. */
  constructor(database: Database, clock: Clock, instance: string) {
    super()
    this.#database = database
    this.#clock = clock
    this.#instance = instance
  }

  async append(entries: readonly LedgerEntry[]): Promise<void> {
    const { dialect } = this.#database
    const row = `(?, ${INTEGER}, ${INTEGER}, ?, ${utcNowMs(dialect)})`
    const insert = dialect === 'mysql' ? 'INSERT IGNORE' : 'INSERT OR IGNORE'
    const sql = `${insert} INTO leaf_ledger (biz_tag, last_id, first_id, instance, leased_ms)
      VALUES ${entries.map(() => row).join(', ')}`
    const values = entries.flatMap(({ tag, range: { first, last } }) => [
      ...[tag, String(last), String(first), this.#instance],
    ])
    await this.#run((session) => session.run(sql, values))
  }

  find(tag: TagName, id: bigint): Promise<LedgerRecord | undefined> {
    const sql = `SELECT l.first_id, l.last_id, l.instance, l.leased_ms, i.address
      FROM (SELECT * FROM leaf_ledger WHERE biz_tag = ? AND last_id >= ${INTEGER}
        ORDER BY last_id LIMIT ${CANDIDATES}) AS l
      LEFT JOIN leaf_instance i ON i.name = l.instance
      WHERE l.first_id <= ${INTEGER} ORDER BY l.leased_ms DESC, l.first_id DESC LIMIT 1`
    return this.#run(async (session) => {
      const { rows } = await session.run(sql, [tag, String(id), String(id)])
      return rows[0] && recordFrom(tag, rows[0])
    })
  }

  prune(ageMs: number): Promise<boolean> {
    const old = `SELECT l.biz_tag, l.last_id, l.first_id, l.instance FROM leaf_ledger l
      WHERE l.leased_ms < ${utcNowMs(this.#database.dialect)} - ${INTEGER}
        AND EXISTS (SELECT 1 FROM leaf_ledger n WHERE n.biz_tag = l.biz_tag AND n.last_id > l.last_id)
      LIMIT ${PRUNED_AT_ONCE}`
    const one = `DELETE FROM leaf_ledger
      WHERE biz_tag = ? AND last_id = ${INTEGER} AND first_id = ${INTEGER} AND instance = ?`
    return this.#run(async (session) => {
      const { rows } = await session.run(old, [String(ageMs)])
      await session.transaction(async () => {
        for (const row of rows) {
          const ends = [String(bigintOf(row, 'last_id')), String(bigintOf(row, 'first_id'))]
          await session.run(one, [textOf(row, 'biz_tag'), ...ends, textOf(row, 'instance')])
        }
      })
      return rows.length === PRUNED_AT_ONCE
    })
  }

  #run<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return withTimeLimit(this.#clock, TIME_LIMIT_MS, (signal) => this.#database.run(signal, work))
  }
}

function recordFrom(tag: TagName, row: Row): LedgerRecord {
  return {
    tag,
    range: { first: bigintOf(row, 'first_id'), last: bigintOf(row, 'last_id') },
    instance: textOf(row, 'instance'),
    address: textOf(row, 'address'),
    leasedAtMs: numberOf(row, 'leased_ms'),
  }
}
