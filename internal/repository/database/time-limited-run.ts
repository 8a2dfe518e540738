import { withTimeLimit } from '../../../pkg/async/time-limit.ts'
import type { Clock } from '../../../pkg/clock/clock.ts'
import type { Database, Session } from './database.ts'

const TIME_LIMIT_MS = 2_000

/** As `Database.run`, for two seconds at most. @throws GolovesError as that does. */
export type TimeLimitedRun = <T>(work: (session: Session) => Promise<T>) => Promise<T>

export function timeLimitedRun(database: Database, clock: Clock): TimeLimitedRun {
  return (work) => withTimeLimit(clock, TIME_LIMIT_MS, (signal) => database.run(signal, work))
}
