import type { Clock } from '../../../pkg/clock/clock.ts'
import type { Tag } from '../../domain/entity/tag.ts'
import { type Rest, RestRepository } from '../../domain/generator/rest-repository.ts'
import type { SegmentLease } from '../../domain/generator/segment-repository.ts'
import { type Binding, type Database, INTEGER, type Session } from '../database/database.ts'
import { bigintOf, type Row, textOf } from '../database/row.ts'
import { type TimeLimitedRun, timeLimitedRun } from '../database/time-limited-run.ts'
import { utcNowMs } from '../database/utc-now.ts'
import { OF_GENERATION } from '../tag/tag-columns.ts'

/** So many rows are written, or removed, by one statement. */
const BATCH = 500
/** So often another may be faster to take the lowest rest before we lease anew. */
const TRIES_MAX = 3
const FREE = `biz_tag = ? AND generation = ${INTEGER} AND taken_by IS NULL`

// Where a row stands already, only who took it may give it back again, and no ids that were not in
// it. MySQL assigns from left to right, so the mark that the other assignments look at comes last.
const AGAIN = {
  mysql: `ON DUPLICATE KEY UPDATE
    first_id = IF(taken_by = ?, GREATEST(first_id, VALUES(first_id)), first_id),
    generation = IF(taken_by = ?, VALUES(generation), generation),
    returned_ms = IF(taken_by = ?, VALUES(returned_ms), returned_ms),
    taken_by = IF(taken_by = ?, NULL, taken_by)`,
  sqlite: `ON CONFLICT (biz_tag, last_id) DO UPDATE SET first_id = MAX(first_id, excluded.first_id),
    generation = excluded.generation, returned_ms = excluded.returned_ms, taken_by = NULL
    WHERE leaf_returned.taken_by = ?`,
} as const

/** What was given back to MySQL or SQLite. */
export class KnexRestRepository extends RestRepository {
  readonly #database: Database
  readonly #run: TimeLimitedRun
  readonly #instance: string
  readonly #nowMs: string

  /** @param instance The name of this process, under which it takes rests. */
  constructor(database: Database, clock: Clock, instance: string) {
    super()
    this.#database = database
    this.#run = timeLimitedRun(database, clock)
    this.#instance = instance
    this.#nowMs = utcNowMs(database.dialect)
  }

  giveBack(rests: readonly Rest[]): Promise<void> {
    return this.#run(async (session) => {
      for (let from = 0; from < rests.length; from += BATCH) {
        await this.#write(session, rests.slice(from, from + BATCH))
      }
    })
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

  /** What is old is looked for without a lock, and removed by its key: nobody waits for that. */
  prune(ageMs: number): Promise<boolean> {
    const isOld = `returned_ms < ${this.#nowMs} - ${INTEGER}`
    const old = `SELECT biz_tag, last_id FROM leaf_returned WHERE ${isOld} LIMIT ${BATCH}`
    const one = `(biz_tag = ? AND last_id = ${INTEGER})`
    return this.#run(async (session) => {
      const { rows } = await session.run(old, [String(ageMs)])
      if (rows.length === 0) return false
      const sql = `DELETE FROM leaf_returned WHERE (${rows.map(() => one).join(' OR ')}) AND ${isOld}`
      await session.run(sql, [...rows.flatMap(keyOf), String(ageMs)])
      return rows.length === BATCH
    })
  }

  async #write(session: Session, rests: readonly Rest[]): Promise<void> {
    const row = `(?, ${INTEGER}, ${INTEGER}, ${INTEGER}, ${this.#nowMs})`
    const again = AGAIN[this.#database.dialect]
    const sql = `INSERT INTO leaf_returned (biz_tag, last_id, first_id, generation, returned_ms)
      VALUES ${rests.map(() => row).join(', ')} ${again}`
    const values = rests.flatMap(({ tag, range: { first, last }, generation }) => [
      ...[tag, String(last), String(first), String(generation)],
    ])
    const names = Array.from(again.matchAll(/\?/g), () => this.#instance)
    await session.run(sql, [...values, ...names])
  }

  async #mark(session: Session, tag: Tag, { offset, maxId }: SegmentLease): Promise<boolean> {
    const { name, generation } = tag
    const sql = `UPDATE leaf_returned SET taken_by = ? WHERE ${FREE}
        AND first_id = ${INTEGER} AND last_id = ${INTEGER}
        AND ${OF_GENERATION}`
    const { changed } = await session.run(sql, [
      ...[this.#instance, name, String(generation), String(offset + 1n), String(maxId)],
      ...[name, String(generation)],
    ])
    return changed === 1
  }
}

/** Rests do not overlap, so the one that ends first is the lowest. */
async function lowest(
  session: Session,
  { name, generation }: Tag,
  above: bigint,
): Promise<SegmentLease | undefined> {
  const sql = `SELECT first_id, last_id FROM leaf_returned
    WHERE ${FREE} AND last_id > ${INTEGER} AND first_id > ${INTEGER} ORDER BY last_id LIMIT 1`
  const bound = String(above)
  const { rows } = await session.run(sql, [name, String(generation), bound, bound])
  const [row] = rows
  return row && { offset: bigintOf(row, 'first_id') - 1n, maxId: bigintOf(row, 'last_id') }
}

function keyOf(row: Row): Binding[] {
  return [textOf(row, 'biz_tag'), String(bigintOf(row, 'last_id'))]
}
