import { tagOptionInvalid } from '../../../pkg/errors/failures.ts'
import type { Tag, TagName } from '../../domain/entity/tag.ts'
import type { Binding, Dialect, Session } from '../database/database.ts'
import { type Row, textOf } from '../database/row.ts'
import { isUnstorableText } from '../database/store-fault.ts'
import { ALLOC_COLUMNS, exactly, faultOf, TAG_COLUMNS, tagBy, tagRowFrom } from './tag-columns.ts'
import { NO_TAG_ROW, type TagRow } from './tag-rows.ts'

/** What there is of one name, locked until the transaction ends. */
export interface LockedTag {
  readonly tag: Tag | undefined
  /** A name that stands in the way, because the table's collation does not tell the two apart. */
  readonly twin: string | undefined
  /** Its row of `leaf_tag`, which may be a tombstone. */
  readonly row: TagRow | undefined
}

const AT_VERSION = 'biz_tag = ? AND version = CAST(? AS SIGNED INTEGER)'
const SAVED = `EXISTS (SELECT 1 FROM leaf_tag WHERE ${AT_VERSION})`

/**
 * The statements that change a tag, to be run in one transaction that begins with `lock`.
 *
 * Each is harmless when it is executed twice, with any others in between: the row of `leaf_tag` is
 * changed only if it is of the version that was read, the one of `leaf_alloc` only at the version that
 * this left, and none of them lowers `max_id`.
 */
export class TagStatements {
  readonly #session: Session
  readonly #forUpdate: string
  readonly #exactly: string

  constructor(session: Session, dialect: Dialect) {
    this.#session = session
    this.#forUpdate = dialect === 'mysql' ? 'FOR UPDATE' : ''
    this.#exactly = exactly(dialect)
  }

  /** @throws GolovesError TAG_OPTION_INVALID if a row can't be read. */
  async lock(name: TagName): Promise<LockedTag> {
    // In the order in which a lease looks at the two: else each that waits here would be a deadlock.
    const rows = await this.#session.run(
      `SELECT ${TAG_COLUMNS} FROM leaf_tag t WHERE t.biz_tag = ? ${this.#forUpdate}`,
      [name],
    )
    const allocs = await this.#session.run(
      `SELECT a.biz_tag, ${ALLOC_COLUMNS} FROM leaf_alloc a WHERE a.biz_tag = ? ${this.#forUpdate}`,
      [name],
    )
    try {
      return lockedTag(name, allocs.rows, rows.rows[0])
    } catch (error) {
      throw tagOptionInvalid(name, faultOf(error))
    }
  }

  async create(locked: LockedTag, tag: Tag): Promise<void> {
    await this.#save(locked, tag, 'NULL')
    if (tag.mode === 'segment') await this.#insertAlloc(tag)
  }

  async change(locked: LockedTag, tag: Tag): Promise<void> {
    await this.#save(locked, tag, 'NULL')
    if (locked.tag?.mode === 'segment') await this.#updateAlloc(locked.tag, tag)
  }

  async delete(locked: LockedTag, tombstone: Tag): Promise<void> {
    await this.#save(locked, tombstone, 'CURRENT_TIMESTAMP')
    if (tombstone.mode === 'segment') await this.#deleteAlloc(tombstone)
  }

  /** Writes what `leaf_tag` holds of `tag`. The statements below need it done. */
  async #save({ row }: LockedTag, tag: Tag, deletedAt: 'NULL' | 'CURRENT_TIMESTAMP') {
    if (!row) await this.#session.run('INSERT INTO leaf_tag (biz_tag) VALUES (?)', [tag.name])
    const frozenAt = tag.freeze ? 'COALESCE(frozen_at, CURRENT_TIMESTAMP)' : 'NULL'
    const above = tag.freeze?.reason === 'went-backwards' ? String(tag.freeze.above) : null
    const { changed } = await this.#session.run(
      `UPDATE leaf_tag SET mode = ?, layout = ?, buffer = ?, max_value = ?,
          frozen_reason = ?, frozen_above = ?, frozen_at = ${frozenAt},
          deleted_max_id = ?, deleted_at = ${deletedAt}, generation = ?, version = ?
        WHERE ${AT_VERSION}`,
      [
        ...[tag.mode, tag.layout?.name ?? null, tag.buffer ?? null, String(tag.maxValue)],
        ...[tag.freeze?.reason ?? null, above],
        ...[String(tag.deletedMaxId), String(tag.generation), String(tag.version)],
        ...[tag.name, String(row?.version ?? NO_TAG_ROW.version)],
      ],
    )
    if (changed !== 1) throw new Error('leaf_tag changed under a lock')
  }

  async #insertAlloc({ name, maxId, step, description, version }: Tag): Promise<void> {
    const sql = `INSERT INTO leaf_alloc (biz_tag, max_id, step, description)
      SELECT ?, CAST(? AS SIGNED INTEGER), ?, ? FROM leaf_tag WHERE ${AT_VERSION}`
    await this.#session
      .run(sql, [name, String(maxId), step, description, name, String(version)])
      .catch((fault: unknown) => refuseDescription(name, fault))
  }

  async #updateAlloc(before: Tag, tag: Tag): Promise<void> {
    const { name, maxId, step, description } = tag
    if (step !== before.step || description !== before.description) {
      const sql = `UPDATE leaf_alloc SET step = ?, description = ?, update_time = CURRENT_TIMESTAMP
        WHERE ${this.#exactly} AND ${SAVED}`
      await this.#session
        .run(sql, [step, description, ...identityOf(tag)])
        .catch((fault: unknown) => refuseDescription(name, fault))
    }
    if (maxId > before.maxId) {
      const sql = `UPDATE leaf_alloc
        SET max_id = CAST(? AS SIGNED INTEGER), update_time = CURRENT_TIMESTAMP
        WHERE ${this.#exactly} AND ${SAVED} AND max_id < CAST(? AS SIGNED INTEGER)`
      await this.#session.run(sql, [String(maxId), ...identityOf(tag), String(maxId)])
    }
  }

  async #deleteAlloc(tombstone: Tag): Promise<void> {
    const sql = `DELETE FROM leaf_alloc WHERE ${this.#exactly} AND ${SAVED}`
    await this.#session.run(sql, identityOf(tombstone))
  }
}

function lockedTag(name: TagName, allocs: readonly Row[], stored: Row | undefined): LockedTag {
  const own = allocs.find((row) => textOf(row, 'biz_tag') === name)
  const twin = own === undefined ? allocs[0] : undefined
  const row = stored && tagRowFrom(stored)
  return { tag: tagBy(name, own, row), twin: twin && textOf(twin, 'biz_tag'), row }
}

/** An older table keeps its character set, which may lack some of what an operator can type. */
function refuseDescription(name: TagName, fault: unknown): never {
  if (!isUnstorableText(fault)) throw fault
  throw tagOptionInvalid(name, 'description has characters that this database cannot store')
}

/** What finds the row of `leaf_alloc` by its exact name, if `tag` was saved and not changed since. */
function identityOf({ name, version }: Tag): Binding[] {
  return [name, name, name, String(version)]
}
