import {
  type SegmentLease,
  type SegmentLeaseRequest,
  SegmentRepository,
} from '../../domain/generator/segment-repository.ts'
import type { Database, Session } from '../database/database.ts'
import { bigintOf } from '../database/row.ts'
import { leaseOf } from './lease-range.ts'
import { plainLease } from './mysql-lease-statement.ts'

/**
 * Leases as the seed does: UPDATE, then SELECT, in one transaction. Four round trips instead of one,
 * but it works where LAST_INSERT_ID does not: behind a trigger, or a proxy that does not know it.
 */
export class TransactionSegmentRepository extends SegmentRepository {
  readonly #database: Database

  constructor(database: Database) {
    super()
    this.#database = database
  }

  lease(request: SegmentLeaseRequest, signal: AbortSignal): Promise<SegmentLease | undefined> {
    // The range exists only once `transaction` has resolved: after the OK to its COMMIT.
    return this.#database.run(signal, (session) =>
      session.transaction(() => update(session, request)),
    )
  }
}

async function update(
  session: Session,
  request: SegmentLeaseRequest,
): Promise<SegmentLease | undefined> {
  const { sql, bindings } = plainLease(request)
  const { changed } = await session.run(sql, bindings)
  if (changed !== 1) return undefined
  const { rows } = await session.run(
    'SELECT max_id FROM leaf_alloc WHERE biz_tag = ? AND CAST(biz_tag AS BINARY) = ? FOR UPDATE',
    [request.tag, request.tag],
  )
  return rows[0] && leaseOf(bigintOf(rows[0], 'max_id'), request)
}
