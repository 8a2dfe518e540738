import type { Random } from '../../../pkg/async/backoff.ts'
import type { Clock } from '../../../pkg/clock/clock.ts'
import type { Row } from './row.ts'

/** Time, chance and a place for warnings, which every database needs. */
export interface DatabaseContext {
  readonly clock: Clock
  readonly random: Random
  readonly logger: StoreLogger
}

export interface StoreLogger {
  warn(message: string, details?: object): void
}

/** What a bound parameter may be. Integers of 64 bits travel as decimal text, to be cast in the statement. */
export type Binding = string | number | null

/** A bound integer. Without CAST, MySQL computes with it in DOUBLE. */
export const INTEGER = 'CAST(? AS SIGNED INTEGER)'

/** What one statement did. */
export interface StatementResult {
  readonly rows: readonly Row[]
  /** How many rows it changed; 0 for a SELECT. */
  readonly changed: number
  /** MySQL only: what the statement passed to LAST_INSERT_ID, else 0. */
  readonly insertId: bigint
}

/** One connection, for the time of one piece of work. */
export interface Session {
  /** Runs one statement in a round trip of its own. */
  run(sql: string, bindings?: readonly Binding[]): Promise<StatementResult>

  /**
   * Runs `work` between BEGIN and COMMIT, each a round trip of its own: what `work` did holds only
   * once this has resolved. Rolls back when `work` or the COMMIT fails.
   */
  transaction<T>(work: () => Promise<T>): Promise<T>
}

/** What differs between the SQL of the stores. */
export type Dialect = 'mysql' | 'sqlite'

/** A database and the connections to it. */
export abstract class Database {
  abstract readonly dialect: Dialect

  /**
   * Runs `work` on a connection; again, after a pause, while the store says that it has undone
   * everything and that trying again helps (a deadlock, a busy file), until `signal` aborts.
   *
   * Once `signal` is aborted the connection is destroyed, and nothing of `work` is returned.
   *
   * @throws GolovesError as `work` throws; STORE_UNAVAILABLE when the store fails in a way that may
   * pass, the outcome of a statement under way being unknown; INTERNAL for anything else.
   */
  abstract run<T>(signal: AbortSignal, work: (session: Session) => Promise<T>): Promise<T>

  /** Closes all connections, in two seconds at most. */
  abstract close(): Promise<void>
}
