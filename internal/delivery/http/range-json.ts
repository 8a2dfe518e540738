import type { IdRange } from '../../domain/entity/id-range.ts'

/** A range as JSON: both ends inclusive, `step` from one id to the next. */
export function rangeJson({ first, last, step = 1n }: IdRange) {
  return { first: String(first), last: String(last), step: String(step) }
}
