import {
  Database,
  type Session,
  type StatementResult,
} from '../../internal/repository/database/database.ts'

/** Executes each statement twice, as a driver, a proxy or a person may. The caller sees one answer. */
export class TwiceDatabase extends Database {
  readonly dialect
  readonly #database: Database
  readonly #seen: 'first' | 'last'

  constructor(database: Database, seen: 'first' | 'last') {
    super()
    this.dialect = database.dialect
    this.#database = database
    this.#seen = seen
  }

  run<T>(signal: AbortSignal, work: (session: Session) => Promise<T>): Promise<T> {
    return this.#database.run(signal, (session) =>
      work({
        run: (sql, bindings) => this.#twice(() => session.run(sql, bindings)),
        transaction: (inner) => session.transaction(inner),
      }),
    )
  }

  close(): Promise<void> {
    return this.#database.close()
  }

  async #twice(execute: () => Promise<StatementResult>): Promise<StatementResult> {
    const first = await execute()
    // The second one may well be refused, as an INSERT is by its key.
    const last = await execute().catch(() => first)
    return this.#seen === 'first' ? first : last
  }
}
