import type { Database } from './database.ts'
import { bigintOf } from './row.ts'

/** As `Store.countUpdates` says. */
export async function countUpdates(database: Database, signal: AbortSignal): Promise<bigint> {
  const [sql, column] =
    database.dialect === 'mysql'
      ? ["SHOW GLOBAL STATUS LIKE 'Com_update'", 'Value']
      : ['SELECT total_changes() AS changes', 'changes']
  const { rows } = await database.run(signal, (session) => session.run(sql))
  return bigintOf(rows[0] ?? {}, column)
}
