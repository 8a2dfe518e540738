import {
  type SegmentLease,
  type SegmentLeaseRequest,
  SegmentRepository,
} from '../../domain/generator/segment-repository.ts'
import type { Database } from '../database/database.ts'
import { bigintOf } from '../database/row.ts'
import { OF_GENERATION } from '../tag/tag-columns.ts'
import { highestOffset, leaseOf } from './lease-range.ts'

// At the end of int64 SQLite goes on in floating point and repeats itself, hence the look at the type.
const LEASE = `UPDATE leaf_alloc
  SET max_id = max_id + CAST(? AS INTEGER), update_time = CURRENT_TIMESTAMP
  WHERE biz_tag = ? AND CAST(biz_tag AS BLOB) = CAST(? AS BLOB) AND step = ?
    AND typeof(max_id) = 'integer' AND max_id BETWEEN 0 AND CAST(? AS INTEGER)
    AND ${OF_GENERATION}
  RETURNING max_id`

/** Leases from the embedded store with one statement that returns the row's new value. */
export class SqliteSegmentRepository extends SegmentRepository {
  readonly #database: Database

  constructor(database: Database) {
    super()
    this.#database = database
  }

  async lease(
    request: SegmentLeaseRequest,
    signal: AbortSignal,
  ): Promise<SegmentLease | undefined> {
    const { tag, size, knownStep, generation } = request
    const cap = String(highestOffset(request))
    const bindings = [String(size), tag, tag, knownStep, cap, tag, String(generation)]
    const { rows } = await this.#database.run(signal, (session) => session.run(LEASE, bindings))
    return rows[0] && leaseOf(bigintOf(rows[0], 'max_id'), request)
  }
}
