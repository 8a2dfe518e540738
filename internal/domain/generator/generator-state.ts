import type { ErrorCode } from '../../../pkg/errors/error-code.ts'
import type { IdRange } from '../entity/id-range.ts'
import type { LastLease } from './lease-outcomes.ts'

/** What one instance holds of one tag at this moment. */
export interface GeneratorState {
  /** The ids in memory, in the order in which they will leave. */
  readonly ranges: readonly IdRange[]
  /** How many callers wait for an id. */
  readonly waiters: number
  /** Ids per second, as measured over the last minute or so. */
  readonly idsPerSecond: number
  /** How long the ids in memory last at that rate; undefined when none are asked for. */
  readonly secondsLeft: number | undefined
  readonly lastLease: LastLease | undefined
  /** Why the last attempt to lease failed; undefined once one has succeeded. */
  readonly lastError: ErrorCode | undefined
}

/** What an instance holds that was never asked. */
export const NOTHING_HELD: GeneratorState = {
  ranges: [],
  waiters: 0,
  idsPerSecond: 0,
  secondsLeft: undefined,
  lastLease: undefined,
  lastError: undefined,
}
