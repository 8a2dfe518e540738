import type { ErrorCode } from '../../../pkg/errors/error-code.ts'
import type { IdRange } from '../entity/id-range.ts'
import type { LastLease } from './lease-outcomes.ts'

/** The worker id that an instance holds for the tags of a layout. */
export interface HeldWorker {
  readonly worker: number
  /** How often the worker id was claimed so far, by anybody. */
  readonly epoch: bigint
  /** Ids may carry times before this without another word from the store, in milliseconds since 1970. */
  readonly reservedUntilMs: number
}

/** What one instance holds of one tag at this moment. */
export interface GeneratorState {
  /** The ids in memory, in the order in which they will leave. */
  readonly ranges: readonly IdRange[]
  /** How many callers wait for an id. */
  readonly waiters: number
  /** Ids per second, as measured over the last minute or so. */
  readonly idsPerSecond: number
  /**
   * How long it can go on without the store: a segment tag as long as the ids in memory last at that
   * rate, a snowflake tag as long as its worker id does. Undefined when nobody asks for ids.
   */
  readonly secondsLeft: number | undefined
  readonly lastLease: LastLease | undefined
  /** Why the last attempt to lease failed; undefined once one has succeeded. */
  readonly lastError: ErrorCode | undefined
  /** Of a snowflake tag: the worker id that it uses; undefined while it holds none. */
  readonly worker: HeldWorker | undefined
}

/** What an instance holds that was never asked. */
export const NOTHING_HELD: GeneratorState = {
  ranges: [],
  waiters: 0,
  idsPerSecond: 0,
  secondsLeft: undefined,
  lastLease: undefined,
  lastError: undefined,
  worker: undefined,
}
