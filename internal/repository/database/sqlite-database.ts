import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { Database, type DatabaseContext, type Session, type StatementResult } from './database.ts'
import { KnexPool } from './knex-pool.ts'
import { repeatWhileItHelps } from './repeat.ts'
import { bigintOf, isRow } from './row.ts'
import { faultOf, remedyOf } from './store-fault.ts'

// A lock held by another process is waited for asleep, in `repeatWhileItHelps`: SQLite's own
// busy_timeout would hold up the event loop. synchronous=FULL keeps each commit through a power cut.
const SETTINGS = ['busy_timeout = 0', 'journal_mode = WAL', 'synchronous = FULL']

/** The embedded store: one file, which several processes of one machine may share. */
export class SqliteDatabase extends Database {
  readonly dialect = 'sqlite'
  readonly #file: string
  readonly #context: DatabaseContext
  readonly #pool: KnexPool

  /** Creates the file's folder. @throws Error when that cannot be done. */
  constructor(file: string, context: DatabaseContext) {
    super()
    mkdirSync(dirname(file), { recursive: true })
    this.#file = file
    this.#context = context
    this.#pool = new KnexPool({
      config: {
        client: 'better-sqlite3',
        useNullAsDefault: true,
        connection: { filename: file, options: { safeIntegers: true } },
      },
      maxConnections: 1,
      begin: 'BEGIN IMMEDIATE',
      read: readAnswer,
      prepare: applySettings,
      clock: context.clock,
    })
  }

  run<T>(signal: AbortSignal, work: (session: Session) => Promise<T>): Promise<T> {
    return repeatWhileItHelps(signal, this.#context, () => this.#attempt(signal, work))
  }

  close(): Promise<void> {
    return this.#pool.close()
  }

  /** SQLite does not say which file it can't use. */
  async #attempt<T>(signal: AbortSignal, work: (session: Session) => Promise<T>): Promise<T> {
    try {
      return await this.#pool.use(signal, work)
    } catch (fault) {
      if (remedyOf(fault) !== 'wait') throw fault
      throw faultOf('FILE_UNUSABLE', `${this.#file} can't be used: ${String(fault)}`)
    }
  }
}

async function applySettings(session: Session): Promise<void> {
  for (const setting of SETTINGS) await session.run(`PRAGMA ${setting}`)
}

/** better-sqlite3 gives an array of rows, or what a statement without rows has changed. */
function readAnswer(answer: unknown): StatementResult {
  if (Array.isArray(answer)) return { rows: answer.filter(isRow), changed: 0, insertId: 0n }
  if (!isRow(answer)) throw new TypeError('the driver gave an answer of an unknown form')
  return { rows: [], changed: Number(bigintOf(answer, 'changes')), insertId: 0n }
}
