import {
  type BufferKind,
  type Freeze,
  isTagName,
  type Mode,
  type Tag,
  type TagName,
} from '../../domain/entity/tag.ts'
import type { Dialect } from '../database/database.ts'
import { bigintOf, numberOf, type Row, textOf } from '../database/row.ts'
import { type AllocRow, NO_TAG_ROW, type TagRow, tagOf } from './tag-rows.ts'

/** The columns of `leaf_alloc` that make a tag. */
export const ALLOC_COLUMNS = 'a.biz_tag, a.max_id, a.step, a.description'

/** The columns of `leaf_tag` that make a tag; `version` is NULL where the row is missing from a join. */
export const TAG_COLUMNS =
  't.mode, t.buffer, t.max_value, t.frozen_reason, t.frozen_above, t.deleted_max_id, t.generation, t.version'

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

/** Both tables as one, to be followed by WHERE. */
export function joined(dialect: Dialect): string {
  const name =
    dialect === 'mysql' ? 'CONVERT(a.biz_tag USING utf8mb4) COLLATE utf8mb4_bin' : 'a.biz_tag'
  return `SELECT ${ALLOC_COLUMNS}, ${TAG_COLUMNS}
    FROM leaf_alloc a LEFT JOIN leaf_tag t ON t.biz_tag = ${name}`
}

/**
 * Joined rows as tags. Rows whose names nobody could ask for are left out; one that can't be read is
 * a tag with a fault, so that it does not take the others down with it.
 */
export function tagsFrom(rows: readonly Row[]): Tag[] {
  return rows.flatMap((row) => {
    const name = textOf(row, 'biz_tag')
    return isTagName(name) ? [tagFrom(name, row)] : []
  })
}

function tagFrom(name: TagName, row: Row): Tag {
  try {
    return tagOf(name, allocFrom(row), row['version'] === null ? NO_TAG_ROW : tagRowFrom(row))
  } catch (error) {
    const fault = `its row cannot be read: ${error instanceof Error ? error.message : error}`
    return { ...tagOf(name, { maxId: 0n, step: 0, description: '' }, NO_TAG_ROW), fault }
  }
}

export function allocFrom(row: Row): AllocRow {
  return {
    maxId: bigintOf(row, 'max_id'),
    step: numberOf(row, 'step'),
    description: textOf(row, 'description'),
  }
}

export function tagRowFrom(row: Row): TagRow {
  return {
    mode: modeFrom(row),
    buffer: bufferFrom(row),
    maxValue: bigintOf(row, 'max_value'),
    freeze: freezeFrom(row),
    deletedMaxId: bigintOf(row, 'deleted_max_id'),
    generation: bigintOf(row, 'generation'),
    version: bigintOf(row, 'version'),
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
