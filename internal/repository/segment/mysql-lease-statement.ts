import type { SegmentLeaseRequest } from '../../domain/generator/segment-repository.ts'
import type { Binding } from '../database/database.ts'
import { OF_GENERATION } from '../tag/tag-columns.ts'
import { highestOffset } from './lease-range.ts'

/** A statement with what is bound to it. */
export interface LeaseStatement {
  readonly sql: string
  readonly bindings: readonly Binding[]
}

// Without CAST the server computes with a bound parameter in DOUBLE, which is wrong above 2^53. The
// cap is subtracted here and not there, where it would overflow. BETWEEN 0 keeps a row that was
// made negative by hand from being moved.
const WHERE = `WHERE biz_tag = ? AND CAST(biz_tag AS BINARY) = ? AND step = ?
  AND max_id BETWEEN 0 AND CAST(? AS SIGNED)
  AND ${OF_GENERATION}`

/** Moves `max_id` on by the size asked for and has the server remember the new value as insert id. */
export function oneStatementLease(request: SegmentLeaseRequest): LeaseStatement {
  return {
    sql: `UPDATE leaf_alloc SET max_id = LAST_INSERT_ID(max_id + CAST(? AS SIGNED)) ${WHERE}`,
    bindings: bindingsOf(request),
  }
}

/** The same without the insert id, for a transaction that reads the new value afterwards. */
export function plainLease(request: SegmentLeaseRequest): LeaseStatement {
  return {
    sql: `UPDATE leaf_alloc SET max_id = max_id + CAST(? AS SIGNED) ${WHERE}`,
    bindings: bindingsOf(request),
  }
}

function bindingsOf(request: SegmentLeaseRequest): Binding[] {
  const { tag, size, knownStep, generation } = request
  const cap = String(highestOffset(request))
  return [String(size), tag, tag, knownStep, cap, tag, String(generation)]
}
