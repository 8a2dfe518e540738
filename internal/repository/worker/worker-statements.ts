import type {
  FreeWorker,
  WorkerHolder,
  WorkerReach,
} from '../../domain/generator/worker-repository.ts'
import { type Binding, type Dialect, INTEGER } from '../database/database.ts'
import { utcNowMs } from '../database/utc-now.ts'
import { HEADER_ID } from './pool-header.ts'

/** A statement with what is bound to it. */
export interface WorkerStatement {
  readonly sql: string
  readonly bindings: readonly Binding[]
}

/** The worker ids from `low` to `high` of a pool. */
export interface WorkerRange {
  readonly pool: string
  readonly low: number
  readonly high: number
}

/**
 * Reads one row: now_ms; opened_ms, next_end_ms and worker, each NULL if there is none; epoch and
 * reserved of that worker.
 *
 * One statement sees all of it at one moment. Did it read the header before the worker ids, then a
 * table that is emptied in between would show fresh ids in a pool that seems old.
 */
export function survey(dialect: Dialect, { pool, low, high }: WorkerRange): WorkerStatement {
  const now = utcNowMs(dialect)
  // Each worker id that follows a claimed one is looked at: the lowest that was never claimed is one
  // of these, and where none is left these are all. NULL comes first in either dialect.
  const free = `SELECT c.worker, COALESCE(w.epoch, 0) AS epoch, COALESCE(w.reserved, 0) AS reserved
    FROM (SELECT ${INTEGER} AS worker UNION ALL SELECT worker_id + 1 FROM leaf_worker
        WHERE pool = ? AND worker_id >= ? AND worker_id < ?) AS c
      LEFT JOIN leaf_worker w ON w.pool = ? AND w.worker_id = c.worker
    WHERE w.owner IS NULL OR w.expires_ms < ${now}
    ORDER BY w.reserved, c.worker LIMIT 1`
  const sql = `SELECT s.now_ms, f.worker, f.epoch, f.reserved,
      (SELECT expires_ms FROM leaf_worker WHERE pool = ? AND worker_id = ${HEADER_ID}) AS opened_ms,
      (SELECT MIN(expires_ms) FROM leaf_worker WHERE pool = ? AND worker_id BETWEEN ? AND ?
        AND owner IS NOT NULL AND expires_ms >= ${now}) AS next_end_ms
    FROM (SELECT ${now} AS now_ms) AS s LEFT JOIN (${free}) AS f ON 1 = 1`
  return { sql, bindings: [pool, pool, low, high, String(low), pool, low, high, pool] }
}

/** Changes one row if the worker id was never claimed, and the pool is the one that was surveyed. */
export function firstClaim(
  dialect: Dialect,
  { pool, worker, owner }: WorkerHolder,
  { openedMs }: FreeWorker,
  { reserved, lifeMs }: WorkerReach,
): WorkerStatement {
  const sql = `INSERT INTO leaf_worker (pool, worker_id, owner, epoch, reserved, expires_ms)
    SELECT pool, ${INTEGER}, ?, 1, ${INTEGER}, ${utcNowMs(dialect)} + ${INTEGER} FROM leaf_worker
    WHERE pool = ? AND worker_id = ${HEADER_ID} AND expires_ms = ${INTEGER}
      AND NOT EXISTS (SELECT 1 FROM leaf_worker WHERE pool = ? AND worker_id = ?)`
  const values = [String(worker), owner, String(reserved), String(lifeMs)]
  return { sql, bindings: [...values, pool, String(openedMs), pool, worker] }
}

/** Changes one row if the worker id is free and nobody has claimed or renewed it since. */
export function laterClaim(
  dialect: Dialect,
  { pool, worker, owner }: WorkerHolder,
  free: FreeWorker,
  reach: WorkerReach,
): WorkerStatement {
  const sql = `UPDATE leaf_worker SET owner = ?, epoch = epoch + 1, ${extension(dialect)}
    WHERE pool = ? AND worker_id = ? AND epoch = ${INTEGER} AND reserved = ${INTEGER}
      AND (owner IS NULL OR expires_ms < ${utcNowMs(dialect)})`
  const seen = [pool, worker, String(free.epoch), String(free.reserved)]
  return { sql, bindings: [owner, String(reach.reserved), String(reach.lifeMs), ...seen] }
}

/** Changes one row, be it to what it was, if the holder still is that. */
export function renewal(
  dialect: Dialect,
  holder: WorkerHolder,
  acked: number,
  { reserved, lifeMs }: WorkerReach,
): WorkerStatement {
  const sql = `UPDATE leaf_worker SET ${extension(dialect)} WHERE ${HOLDER_SINCE}`
  const bindings = [String(reserved), String(lifeMs), ...holderSince(holder, acked)]
  return { sql, bindings }
}

/** Changes one row if the holder still is that and the reservation does not rise by it. */
export function ending(holder: WorkerHolder, lastTick: number): WorkerStatement {
  const sql = `UPDATE leaf_worker SET owner = NULL, reserved = ${INTEGER}, expires_ms = 0
    WHERE ${HOLDER_SINCE}`
  return { sql, bindings: [String(lastTick), ...holderSince(holder, lastTick)] }
}

/** Binds the reservation and the life. */
function extension(dialect: Dialect): string {
  const higher = dialect === 'mysql' ? 'GREATEST' : 'MAX'
  return `reserved = ${higher}(reserved, ${INTEGER}), expires_ms = ${utcNowMs(dialect)} + ${INTEGER}`
}

const HOLDER_SINCE = `pool = ? AND worker_id = ? AND owner = ? AND epoch = ${INTEGER}
  AND reserved >= ${INTEGER}`

function holderSince({ pool, worker, owner, epoch }: WorkerHolder, reserved: number): Binding[] {
  return [pool, worker, owner, String(epoch), String(reserved)]
}
