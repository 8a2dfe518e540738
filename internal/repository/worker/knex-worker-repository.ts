import type { Clock } from '../../../pkg/clock/clock.ts'
import {
  type FreeWorker,
  type PoolSurvey,
  type WorkerHolder,
  type WorkerPool,
  type WorkerReach,
  WorkerRepository,
} from '../../domain/generator/worker-repository.ts'
import type { Database } from '../database/database.ts'
import { bigintOf, numberOf, type Row } from '../database/row.ts'
import { type TimeLimitedRun, timeLimitedRun } from '../database/time-limited-run.ts'
import { openPool } from './pool-header.ts'
import {
  ending,
  firstClaim,
  laterClaim,
  renewal,
  survey,
  type WorkerStatement,
} from './worker-statements.ts'

/** Leases of worker ids in MySQL or SQLite. Each call ends after two seconds at most. */
export class KnexWorkerRepository extends WorkerRepository {
  readonly #database: Database
  readonly #run: TimeLimitedRun

  constructor(database: Database, clock: Clock) {
    super()
    this.#database = database
    this.#run = timeLimitedRun(database, clock)
  }

  survey({ name, size }: WorkerPool, only?: number): Promise<PoolSurvey> {
    const { dialect } = this.#database
    const range = { pool: name, low: only ?? 0, high: only ?? size - 1 }
    const { sql, bindings } = survey(dialect, range)
    return this.#run(async (session) => {
      const look = async () => (await session.run(sql, bindings)).rows[0] ?? {}
      const row = await look()
      if (row['opened_ms'] !== null) return surveyFrom(row)
      await openPool(session, dialect, name)
      return surveyFrom(await look())
    })
  }

  claim(holder: WorkerHolder, free: FreeWorker, reach: WorkerReach): Promise<boolean> {
    const { dialect } = this.#database
    return this.#changes(
      free.epoch === 0n
        ? firstClaim(dialect, holder, free, reach)
        : laterClaim(dialect, holder, free, reach),
    )
  }

  renew(holder: WorkerHolder, acked: number, reach: WorkerReach): Promise<boolean> {
    return this.#changes(renewal(this.#database.dialect, holder, acked, reach))
  }

  async release(holder: WorkerHolder, lastTick: number): Promise<void> {
    await this.#changes(ending(holder, lastTick))
  }

  /** Whether it changed a row. The one row, as its key is given. */
  async #changes({ sql, bindings }: WorkerStatement): Promise<boolean> {
    const { changed } = await this.#run((session) => session.run(sql, bindings))
    return changed === 1
  }
}

function surveyFrom(row: Row): PoolSurvey {
  const nowMs = numberOf(row, 'now_ms')
  // Somebody may have emptied the table in this very moment; then no claim will succeed.
  const openedMs = numberIn(row, 'opened_ms') ?? nowMs
  return { nowMs, openedMs, free: freeFrom(row, openedMs), nextEndMs: numberIn(row, 'next_end_ms') }
}

function freeFrom(row: Row, openedMs: number): FreeWorker | undefined {
  const worker = numberIn(row, 'worker')
  if (worker === undefined) return undefined
  return { worker, epoch: bigintOf(row, 'epoch'), reserved: numberOf(row, 'reserved'), openedMs }
}

function numberIn(row: Row, column: string): number | undefined {
  return row[column] === null ? undefined : numberOf(row, column)
}
