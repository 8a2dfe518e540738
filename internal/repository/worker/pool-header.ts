import type { Dialect, Session } from '../database/database.ts'
import { utcNowMs } from '../database/utc-now.ts'

/** The worker id of the row that stands for its pool: `expires_ms` is when the pool was opened. */
export const HEADER_ID = -1

/**
 * Writes the header of a pool that has none.
 *
 * @param openedMs SQL for when that is: the database's clock unless given, as of the moment of
 * writing, so that the statement does no harm when it is executed again on an emptied table.
 */
export async function openPool(
  session: Session,
  dialect: Dialect,
  pool: string,
  openedMs = utcNowMs(dialect),
): Promise<void> {
  const sql = `INSERT INTO leaf_worker (pool, worker_id, epoch, reserved, expires_ms)
    SELECT ?, ${HEADER_ID}, 0, 0, ${openedMs} FROM (SELECT 1 AS one) AS once
    WHERE NOT EXISTS (SELECT 1 FROM leaf_worker WHERE pool = ? AND worker_id = ${HEADER_ID})`
  await session.run(sql, [pool, pool])
}

/**
 * Opens all pools anew as of now, and keeps what is known of their worker ids: whoever claims one
 * begins above all that anybody can have reserved until now, also where that was lost.
 */
export async function reopenPools(session: Session, dialect: Dialect): Promise<void> {
  await session.run(
    `UPDATE leaf_worker SET expires_ms = ${utcNowMs(dialect)} WHERE worker_id = ${HEADER_ID}`,
  )
}
