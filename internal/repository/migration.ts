import { DEFAULT_LAYOUT } from '../domain/entity/snowflake-layout.ts'
import { SNOWFLAKE_TAG } from '../domain/entity/tag.ts'
import type { Database, Dialect, Session } from './database/database.ts'
import { createMissingTables, missingIn } from './database/schema.ts'
import { utcNowMs } from './database/utc-now.ts'
import { exactly } from './tag/tag-columns.ts'
import { openPool } from './worker/pool-header.ts'

const SEED_ROW = `INSERT INTO leaf_alloc (biz_tag, max_id, step, description)
  VALUES ('order-service', 1, 1000, 'Test Order IDs')`

/**
 * Creates what is missing, and the rows that a store holds from its beginning.
 *
 * @throws GolovesError STORE_UNAVAILABLE.
 */
export function migrate(database: Database, signal: AbortSignal): Promise<void> {
  const { dialect } = database
  return database.run(signal, async (session) => {
    if (dialect === 'mysql') {
      await createMissingTables(session, dialect)
      return await addFirstRows(session, dialect, false)
    }
    await session.transaction(async () => {
      const isNew = (await missingIn(session, dialect)).includes('leaf_alloc')
      await createMissingTables(session, dialect)
      await addFirstRows(session, dialect, isNew)
    })
  })
}

/**
 * Writes what a store holds before anybody asks for anything, where it is missing: the tag
 * `snowflake` and the pool of its worker ids.
 *
 * @param isNewFile Whether the store is an embedded one that did not exist before: it also gets the
 * seed's row. It cannot have had holders of worker ids either, so nobody waits for their leases.
 */
async function addFirstRows(session: Session, dialect: Dialect, isNewFile: boolean): Promise<void> {
  if (isNewFile) await session.run(SEED_ROW)
  await addSnowflakeTag(session, dialect)
  await openPool(session, dialect, DEFAULT_LAYOUT, isNewFile ? '0' : utcNowMs(dialect))
}

/** A tag of that name, or what is left of one, stays as it is; so does a row that Leaf's users made. */
async function addSnowflakeTag(session: Session, dialect: Dialect): Promise<void> {
  const sql = `INSERT INTO leaf_tag (biz_tag, mode, layout)
    SELECT ?, 'snowflake', ? FROM (SELECT 1 AS one) AS once
    WHERE NOT EXISTS (SELECT 1 FROM leaf_tag WHERE biz_tag = ?)
      AND NOT EXISTS (SELECT 1 FROM leaf_alloc WHERE ${exactly(dialect)})`
  const tag = SNOWFLAKE_TAG
  await session.run(sql, [tag, DEFAULT_LAYOUT, tag, tag, tag])
}
