import type { Row } from '../../internal/repository/database/row.ts'
import type { TestDatabase } from './database.ts'

/** All that is in a database: how its tables are made, and their rows. */
export interface DatabaseContents {
  readonly columns: readonly Row[]
  readonly indexes: readonly Row[]
  readonly rows: Readonly<Record<string, readonly Row[]>>
}

const QUERIES = {
  mysql: {
    columns: `SELECT table_name AS t, column_name AS name, column_type AS type, collation_name AS
      collation_, is_nullable AS nullable, column_default AS fallback
      FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY 1, 2`,
    indexes: `SELECT table_name AS t, index_name AS name, seq_in_index AS place, column_name AS part,
      non_unique FROM information_schema.statistics WHERE table_schema = DATABASE() ORDER BY 1, 2, 3`,
  },
  sqlite: {
    columns: `SELECT m.name AS t, c.name, c.type, CASE c."notnull" WHEN 0 THEN 'YES' ELSE 'NO' END
      AS nullable, c.dflt_value AS fallback
      FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY 1, 2`,
    indexes: `SELECT m.name AS t, i.name, p.seqno AS place, p.name AS part, i."unique"
      FROM sqlite_master m JOIN pragma_index_list(m.name) i JOIN pragma_index_info(i.name) p
      WHERE m.type = 'table' ORDER BY 1, 2, 3`,
  },
}

export async function contentsOf(database: TestDatabase): Promise<DatabaseContents> {
  const queries = QUERIES[database.url.startsWith('sqlite:') ? 'sqlite' : 'mysql']
  const columns = await database.query(queries.columns)
  const rows: Record<string, readonly Row[]> = {}
  for (const table of new Set(columns.map(({ t }) => String(t)))) {
    rows[table] = await database.query(`SELECT * FROM ${table}`)
  }
  return { columns, indexes: await database.query(queries.indexes), rows }
}
