import { withTimeLimit } from '../../../pkg/async/time-limit.ts'
import type { Clock } from '../../../pkg/clock/clock.ts'
import type { Tag } from '../../domain/entity/tag.ts'
import { type Rest, RestRepository } from '../../domain/generator/rest-repository.ts'
import type { SegmentLease } from '../../domain/generator/segment-repository.ts'
import type { Database, Session } from '../database/database.ts'
import { bigintOf } from '../database/row.ts'
import { utcNowMs } from '../database/utc-now.ts'

const TIME_LIMIT_MS = 2_000
const BATCH = 500
/** So often another may be faster to take the lowest rest before we lease anew. */
const TRIES_MAX = 3

/** What was given back to MySQL or SQLite. */
export class KnexRestRepository extends RestRepository {
  readonly #database: Database
  readonly #clock: Clock
  readonly #instance: string

  /** @param instance The name of this process, under which it takes rests. */
  constructor(database: Database, clock: Clock, instance: string) {
    super()
    this.#database = database
    this.#clock = clock
    this.#instance = instance
  }

  giveBack(rests: readonly Rest[]): Promise<void> {
    return withTimeLimit(this.#clock, TIME_LIMIT_MS, (signal) =>
      this.#database.run(signal, async (session) => {
        for (let from = 0; from < rests.length; from += BATCH) {
          await this.#write(session, rests.slice(from, from + BATCH))
        }
      }),
    )
  }

  take(tag: Tag, above: bigint, signal: AbortSignal): Promise<SegmentLease | undefined> {
    return this.#database.run(signal, async (session) => {
      for (let tries = 1; tries <= TRIES_MAX; tries += 1) {
        const rest = await lowest(session, tag, above)
        if (rest === undefined || (await this.#mark(session, tag, rest))) return rest
      }
      return undefined
    })
  }

  async prune(ageMs: number): Promise<void> {
    const { dialect } = this.#database
    const sql = `DELETE FROM leaf_returned
      WHERE returned_ms < ${utcNowMs(dialect)} - CAST(? AS SIGNED INTEGER)`
    await withTimeLimit(this.#clock, TIME_LIMIT_MS, (signal) =>
      this.#database.run(signal, (session) => session.run(sql, [String(ageMs)])),
    )
  }

  /** Where a row stands already, only who took it may give it back again. */
  async #write(session: Session, rests: readonly Rest[]): Promise<void> {
    const { dialect } = this.#database
    const integer = 'CAST(? AS SIGNED INTEGER)'
    const row = `(?, ${integer}, ${integer}, ${integer}, ${utcNowMs(dialect)})`
    const sql = `INSERT INTO leaf_returned (biz_tag, last_id, first_id, generation, returned_ms)
      VALUES ${rests.map(() => row).join(', ')} ${dialect === 'mysql' ? MYSQL_AGAIN : SQLITE_AGAIN}`
    const values = rests.flatMap(({ tag, range: { first, last }, generation }) => [
      ...[tag, String(last), String(first), String(generation)],
    ])
    const again = dialect === 'mysql' ? 4 : 1
    await session.run(sql, [...values, ...Array<string>(again).fill(this.#instance)])
  }

  async #mark(session: Session, tag: Tag, { offset, maxId }: SegmentLease): Promise<boolean> {
    const { name, generation } = tag
    const sql = `UPDATE leaf_returned SET taken_by = ? WHERE ${FREE}
        AND first_id = CAST(? AS SIGNED INTEGER) AND last_id = CAST(? AS SIGNED INTEGER)
        AND COALESCE((SELECT generation FROM leaf_tag WHERE biz_tag = ?), 0)
          = CAST(? AS SIGNED INTEGER)`
    const { changed } = await session.run(sql, [
      ...[this.#instance, name, String(generation), String(offset + 1n), String(maxId)],
      ...[name, String(generation)],
    ])
    return changed === 1
  }
}

const FREE = 'biz_tag = ? AND generation = CAST(? AS SIGNED INTEGER) AND taken_by IS NULL'

// MySQL assigns from left to right, so the mark that the others look at comes last.
const MYSQL_AGAIN = `ON DUPLICATE KEY UPDATE
  first_id = IF(taken_by = ?, VALUES(first_id), first_id),
  generation = IF(taken_by = ?, VALUES(generation), generation),
  returned_ms = IF(taken_by = ?, VALUES(returned_ms), returned_ms),
  taken_by = IF(taken_by = ?, NULL, taken_by)`

const SQLITE_AGAIN = `ON CONFLICT (biz_tag, last_id) DO UPDATE SET first_id = excluded.first_id,
  generation = excluded.generation, returned_ms = excluded.returned_ms, taken_by = NULL
  WHERE leaf_returned.taken_by = ?`

async function lowest(
  session: Session,
  { name, generation }: Tag,
  above: bigint,
): Promise<SegmentLease | undefined> {
  const sql = `SELECT first_id, last_id FROM leaf_returned
    WHERE ${FREE} AND first_id > CAST(? AS SIGNED INTEGER) ORDER BY first_id LIMIT 1`
  const { rows } = await session.run(sql, [name, String(generation), String(above)])
  const [row] = rows
  return row && { offset: bigintOf(row, 'first_id') - 1n, maxId: bigintOf(row, 'last_id') }
}
