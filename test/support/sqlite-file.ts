import knex from 'knex'
import { isRow, type Row } from '../../internal/repository/database/row.ts'

/** A SQLite file, opened behind the back of whoever serves it. */
export interface SqliteFile {
  query(sql: string): Promise<readonly Row[]>
  close(): Promise<void>
}

/** Opens a file by one connection, so that a transaction may span several queries. */
export function sqliteFile(filename: string): SqliteFile {
  const connection = { filename, options: { safeIntegers: true } }
  const database = knex({ client: 'better-sqlite3', useNullAsDefault: true, connection })
  return {
    async query(sql) {
      const rows: unknown = await database.raw(sql)
      return Array.isArray(rows) ? rows.filter(isRow) : []
    },
    close: () => database.destroy(),
  }
}
