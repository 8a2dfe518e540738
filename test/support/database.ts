import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import knex from 'knex'
import { createConnection } from 'mysql2/promise'
import { isRow, type Row } from '../../internal/repository/database/row.ts'

/** A database of a test's own, and a way to change it behind the back of whoever is tested. */
export interface TestDatabase {
  /** As GOLOVES_STORE_URL wants it. */
  readonly url: string
  /** The same database, by way of another server where there are several. */
  readonly otherUrl: string
  query(sql: string, bindings?: readonly (string | number)[]): Promise<readonly Row[]>
  /** Removes it with all that is in it. */
  drop(): Promise<void>
}

/** @throws Error when GOLOVES_TEST_MYSQL_URL is not set: no test that needs a server is skipped. */
export async function mysqlTestDatabase(charset = 'utf8mb4'): Promise<TestDatabase> {
  const url = new URL(serverUrl())
  const name = `goloves_${randomBytes(6).toString('hex')}`
  const connection = await createConnection({
    host: url.hostname,
    port: Number(url.port || 3306),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    supportBigNumbers: true,
    bigNumberStrings: true,
  })
  // On a node of a Galera cluster: what others have committed is seen. Elsewhere it is not known.
  await connection.query('SET SESSION wsrep_sync_wait = 7').catch(() => {})
  await connection.query(`CREATE DATABASE ${name} CHARACTER SET ${charset}`)
  await connection.query(`USE ${name}`)
  url.pathname = `/${name}`
  return {
    url: url.href,
    otherUrl: fromNextHost(url),
    async query(sql, bindings = []) {
      const [rows]: unknown[] = await connection.query(sql, [...bindings])
      return Array.isArray(rows) ? rows.filter(isRow) : []
    },
    async drop() {
      await connection.query(`DROP DATABASE ${name}`)
      await connection.end()
    },
  }
}

export async function sqliteTestDatabase(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'goloves-'))
  const file = join(folder, 'data', 'goloves.db')
  return {
    url: `sqlite:${file}`,
    otherUrl: `sqlite:${file}`,
    async query(sql, bindings = []) {
      const connection = { filename: file, options: { safeIntegers: true } }
      const database = knex({ client: 'better-sqlite3', useNullAsDefault: true, connection })
      try {
        const rows: unknown = await database.raw(sql, [...bindings])
        return Array.isArray(rows) ? rows.filter(isRow) : []
      } finally {
        await database.destroy()
      }
    },
    drop: () => rm(folder, { recursive: true, force: true }),
  }
}

/** A store URL whose first host is asked last. */
function fromNextHost(url: URL): string {
  const [next, ...others] = [...(url.searchParams.get('hosts')?.split(',') ?? []), url.host]
  return `mysql://${url.username}:${url.password}@${next}${url.pathname}?hosts=${others.join(',')}`
}

function serverUrl(): string {
  const url = process.env['GOLOVES_TEST_MYSQL_URL']
  if (!url) throw new Error('GOLOVES_TEST_MYSQL_URL is not set: run "make test", which sees to it.')
  return url
}
