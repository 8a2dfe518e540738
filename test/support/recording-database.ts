import {
  type Binding,
  Database,
  type Session,
} from '../../internal/repository/database/database.ts'

/** Remembers each statement, so that it can be executed again at any time later. */
export class RecordingDatabase extends Database {
  readonly dialect
  readonly #database: Database
  readonly #statements: { readonly sql: string; readonly bindings: readonly Binding[] }[] = []

  constructor(database: Database) {
    super()
    this.dialect = database.dialect
    this.#database = database
  }

  run<T>(signal: AbortSignal, work: (session: Session) => Promise<T>): Promise<T> {
    return this.#database.run(signal, (session) =>
      work({
        run: (sql, bindings = []) => {
          this.#statements.push({ sql, bindings })
          return session.run(sql, bindings)
        },
        transaction: (inner) => session.transaction(inner),
      }),
    )
  }

  /** Executes all of them once more, forwards and backwards, each by itself. Some will be refused. */
  async replay(signal: AbortSignal): Promise<void> {
    await this.#database.run(signal, async (session) => {
      for (const { sql, bindings } of [...this.#statements, ...this.#statements.toReversed()]) {
        await session.run(sql, bindings).catch(() => undefined)
      }
    })
  }

  close(): Promise<void> {
    return this.#database.close()
  }
}
