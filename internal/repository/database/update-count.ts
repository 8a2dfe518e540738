import type { Database } from './database.ts'
import { bigintOf } from './row.ts'

/**
 * How many UPDATE statements the database has counted so far, by its own account: a MySQL server those
 * of all its clients since it started, SQLite the rows changed on this connection.
 *
 * @throws GolovesError STORE_UNAVAILABLE.
 */
export async function countUpdates(database: Database, signal: AbortSignal): Promise<bigint> {
  const [sql, column] =
    database.dialect === 'mysql'
      ? ["SHOW GLOBAL STATUS LIKE 'Com_update'", 'Value']
      : ['SELECT total_changes() AS changes', 'changes']
  const { rows } = await database.run(signal, (session) => session.run(sql))
  return bigintOf(rows[0] ?? {}, column)
}
