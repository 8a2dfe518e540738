import { NO_SEGMENT_OPTIONS } from '../../domain/entity/segment-tag-options.ts'
import { SnowflakeLayout } from '../../domain/entity/snowflake-layout.ts'
import {
  type BufferKind,
  type Freeze,
  isTagName,
  type Mode,
  type Tag,
  type TagName,
} from '../../domain/entity/tag.ts'
import { type Dialect, INTEGER } from '../database/database.ts'
import { bigintOf, numberOf, type Row, textOf } from '../database/row.ts'
import { type AllocRow, NO_TAG_ROW, type TagRow, tagOf } from './tag-rows.ts'

/** The columns of `leaf_alloc` that make a tag. */
export const ALLOC_COLUMNS = 'a.max_id, a.step, a.description'

/** The columns of `leaf_tag` that make a tag; `version` is NULL where the row is missing from a join. */
export const TAG_COLUMNS = `t.mode, t.layout, t.buffer, t.max_value, t.frozen_reason, t.frozen_above,
  t.deleted_max_id, t.deleted_at, t.generation, t.version`

/**
 * True while a tag is of a generation, its name and the generation bound: for statements that must do
 * nothing for those who have not heard of a raise or a freeze. A tag without a row is of generation 0.
 */
export const OF_GENERATION = `COALESCE((SELECT t.generation FROM leaf_tag t WHERE t.biz_tag = ?), 0) = ${INTEGER}`

/** The name as bytes, which no collation has a say in. */
export function bytesOf(expression: string, dialect: Dialect): string {
  return dialect === 'mysql'
    ? `CAST(CONVERT(${expression} USING utf8mb4) AS BINARY)`
    : `CAST(${expression} AS BLOB)`
}

/** To follow WHERE, with the name bound twice: the first finds the row by its index, the second compares bytes. */
export function exactly(dialect: Dialect): string {
  return `biz_tag = ? AND ${bytesOf('biz_tag', dialect)} = ${bytesOf('?', dialect)}`
}

/**
 * The rows of all tags: those of `leaf_alloc`, and those of `leaf_tag` that have none there. A name
 * that is in both comes twice, and `tagsFrom` makes the same of both rows.
 *
 * @param filter What is to follow WHERE, for the column that holds the name; the part for `leaf_alloc`
 * comes first. Each part is ordered and limited by itself, where sorting all of them would be slow.
 */
export function tagRows(dialect: Dialect, filter: (name: string) => string): string {
  const name =
    dialect === 'mysql' ? 'CONVERT(a.biz_tag USING utf8mb4) COLLATE utf8mb4_bin' : 'a.biz_tag'
  return `
    SELECT * FROM (SELECT ${name} AS biz_tag, ${ALLOC_COLUMNS}, ${TAG_COLUMNS}
      FROM leaf_alloc a LEFT JOIN leaf_tag t ON t.biz_tag = ${name}
      WHERE ${filter('a.biz_tag')}) AS leased
    UNION ALL
    SELECT * FROM (SELECT t.biz_tag, 0 AS max_id, 0 AS step, NULL AS description, ${TAG_COLUMNS}
      FROM leaf_tag t
      WHERE t.mode = 'snowflake' AND t.deleted_at IS NULL AND ${filter('t.biz_tag')}) AS snowflake`
}

/**
 * What `tagRows` found, as tags. Rows whose names nobody could ask for are left out; one that can't be
 * read is a tag with a fault, so that it does not take the others down with it.
 */
export function tagsFrom(rows: readonly Row[]): Map<TagName, Tag> {
  const tags = new Map<TagName, Tag>()
  for (const row of rows) {
    const name = textOf(row, 'biz_tag')
    const tag = isTagName(name) ? tagFrom(name, row) : undefined
    if (tag !== undefined) tags.set(tag.name, tag)
  }
  return tags
}

function tagFrom(name: TagName, row: Row): Tag | undefined {
  try {
    return tagBy(name, row, row['version'] === null ? undefined : tagRowFrom(row))
  } catch (error) {
    const { isDeleted, ...columns } = NO_TAG_ROW
    return { name, ...columns, ...NO_SEGMENT_OPTIONS, fault: faultOf(error) }
  }
}

/** Why a row can't be read, to stand behind the name of its tag. */
export function faultOf(error: unknown): string {
  return `its row cannot be read: ${error instanceof Error ? error.message : error}`
}

/** The tag of these rows, as `tagOf` says. @throws TypeError if the one of `leaf_alloc` can't be read. */
export function tagBy(name: TagName, alloc: Row | undefined, row = NO_TAG_ROW): Tag | undefined {
  return tagOf(name, alloc && row.mode === 'segment' ? allocFrom(alloc) : undefined, row)
}

function allocFrom(row: Row): AllocRow {
  return {
    maxId: bigintOf(row, 'max_id'),
    step: numberOf(row, 'step'),
    description: textOf(row, 'description'),
  }
}

/** @throws TypeError, RangeError if it can't be read. */
export function tagRowFrom(row: Row): TagRow {
  const mode = modeFrom(row)
  return {
    mode,
    layout: mode === 'snowflake' ? SnowflakeLayout.parse(textOf(row, 'layout')) : undefined,
    buffer: bufferFrom(row),
    maxValue: bigintOf(row, 'max_value'),
    freeze: freezeFrom(row),
    deletedMaxId: bigintOf(row, 'deleted_max_id'),
    generation: bigintOf(row, 'generation'),
    version: bigintOf(row, 'version'),
    isDeleted: row['deleted_at'] !== null,
  }
}

function modeFrom(row: Row): Mode {
  const mode = textOf(row, 'mode')
  if (mode === 'segment' || mode === 'snowflake') return mode
  throw new TypeError('leaf_tag.mode is neither segment nor snowflake')
}

function bufferFrom(row: Row): BufferKind | undefined {
  const buffer = textOf(row, 'buffer')
  return buffer === 'chain' || buffer === 'double' ? buffer : undefined
}

function freezeFrom(row: Row): Freeze | undefined {
  const reason = textOf(row, 'frozen_reason')
  if (reason === '') return undefined
  if (reason === 'went-backwards') return { reason, above: bigintOf(row, 'frozen_above') }
  // Whatever else somebody wrote there, it was to stop the tag.
  return { reason: 'operator' }
}
