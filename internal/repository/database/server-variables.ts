import type { Session } from './database.ts'
import { textOf } from './row.ts'

/** What a MySQL server says of those of its variables that it knows; not every server knows each. */
export async function serverVariables(
  session: Session,
  ...names: readonly string[]
): Promise<ReadonlyMap<string, string>> {
  const marks = names.map(() => '?').join(', ')
  const sql = `SHOW VARIABLES WHERE Variable_name IN (${marks})`
  const { rows } = await session.run(sql, names)
  return new Map(rows.map((row) => [textOf(row, 'Variable_name'), textOf(row, 'Value')]))
}
