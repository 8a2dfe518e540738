import type { IdRange } from '../../domain/entity/id-range.ts'

/** A range as JSON: both ends inclusive, 1 between two ids. */
export function rangeJson({ first, last }: IdRange) {
  return { first: String(first), last: String(last), step: '1' }
}
