import { exactly } from '../tag/tag-columns.ts'
import type { Dialect, Session } from './database.ts'
import { openPool } from './pool-header.ts'
import { utcNowMs } from './utc-now.ts'

const SEED_ROW = `INSERT INTO leaf_alloc (biz_tag, max_id, step, description)
  VALUES ('order-service', 1, 1000, 'Test Order IDs')`

const SNOWFLAKE_TAG = 'snowflake'
const SNOWFLAKE_LAYOUT = 'twitter'

/**
 * Writes what a store holds before anybody asks for anything, where it is missing: the tag
 * `snowflake` and the pool of its worker ids.
 *
 * @param isNewFile Whether the store is an embedded one that did not exist before: it also gets the
 * seed's row. It cannot have had holders of worker ids either, so nobody waits for their leases.
 */
export async function addFirstRows(
  session: Session,
  dialect: Dialect,
  isNewFile: boolean,
): Promise<void> {
  if (isNewFile) await session.run(SEED_ROW)
  await addSnowflakeTag(session, dialect)
  await openPool(session, dialect, SNOWFLAKE_LAYOUT, isNewFile ? '0' : utcNowMs(dialect))
}

/** A tag of that name, or what is left of one, stays as it is; so does a row that Leaf's users made. */
async function addSnowflakeTag(session: Session, dialect: Dialect): Promise<void> {
  const sql = `INSERT INTO leaf_tag (biz_tag, mode, layout)
    SELECT ?, 'snowflake', ? FROM (SELECT 1 AS one) AS once
    WHERE NOT EXISTS (SELECT 1 FROM leaf_tag WHERE biz_tag = ?)
      AND NOT EXISTS (SELECT 1 FROM leaf_alloc WHERE ${exactly(dialect)})`
  const [tag, layout] = [SNOWFLAKE_TAG, SNOWFLAKE_LAYOUT]
  await session.run(sql, [tag, layout, tag, tag, tag])
}
