import type { IdRange } from '../../../internal/domain/entity/id-range.ts'
import type { Ids } from './contender.ts'

/** What somebody writes who has ranges, and wants ids in an array. */
export function fill(ids: Ids, ranges: readonly IdRange[]): void {
  let index = 0
  for (const { first, last, step = 1n } of ranges) {
    for (let id = first; id <= last; id = BigInt.asIntN(64, id + step)) ids[index++] = id
  }
}
