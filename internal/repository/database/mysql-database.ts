import { Database, type DatabaseContext, type Session, type StatementResult } from './database.ts'
import { dial } from './dial.ts'
import { CONNECT_LIMIT_MS, KnexPool } from './knex-pool.ts'
import { repeatWhileItHelps } from './repeat.ts'
import { Respite } from './respite.ts'
import { bigintOf, isRow } from './row.ts'
import { serverVariables } from './server-variables.ts'
import { faultOf, propertyOf, type Remedy, remedyOf } from './store-fault.ts'

const MAX_CONNECTIONS = 8

// A server's own defaults may lose leases (autocommit off) or bend numbers (lax sql_mode). Its lock
// waits end before our attempts do, so that none goes on waiting in the server behind our back.
const SETTINGS: ReadonlyMap<string, string | number> = new Map<string, string | number>([
  ['autocommit', 1],
  ['sql_mode', 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'],
  ['time_zone', '+00:00'],
  ['innodb_lock_wait_timeout', 1],
  ['lock_wait_timeout', 1],
])

/** Before it reads (1), updates or deletes (2), inserts or replaces (4). */
const CATCH_UP_FIRST = 'SET SESSION wsrep_sync_wait = 7'

interface Host {
  readonly host: string
  readonly port: number
}

/** Where such a server is, and who we are there. */
export interface MysqlAddress {
  readonly user: string
  readonly password: string
  readonly database: string
  /** In the order in which they are tried; at least one. */
  readonly hosts: readonly [Host, ...Host[]]
}

/** A MySQL-compatible server, or several of which one is asked at a time. */
export class MysqlDatabase extends Database {
  readonly dialect = 'mysql'
  readonly #address: MysqlAddress
  readonly #context: DatabaseContext
  readonly #maxConnections: number
  readonly #retiring = new Set<Promise<void>>()
  readonly #respites: readonly Respite[]
  #turn = 0
  #pool: KnexPool
  #closed = false

  constructor(
    address: MysqlAddress,
    context: DatabaseContext,
    maxConnections: number = MAX_CONNECTIONS,
  ) {
    super()
    this.#address = address
    this.#context = context
    this.#maxConnections = maxConnections
    this.#respites = address.hosts.map(() => new Respite())
    this.#pool = this.#open()
  }

  run<T>(signal: AbortSignal, work: (session: Session) => Promise<T>): Promise<T> {
    return repeatWhileItHelps(signal, this.#context, () => this.#attempt(signal, work))
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([this.#pool.close(), ...this.#retiring])
  }

  /**
   * A host that cannot be reached, or that refuses, has done nothing, so the others are tried in the
   * same attempt.
   */
  async #attempt<T>(signal: AbortSignal, work: (session: Session) => Promise<T>): Promise<T> {
    for (let left = this.#address.hosts.length - 1; ; left -= 1) {
      const pool = this.#pool
      const respite = this.#respite()
      respite?.ensureOver(this.#context.clock.monotonicMs())
      let begun = false
      try {
        const result = await pool.use(signal, work, () => {
          begun = true
        })
        respite?.worked()
        return result
      } catch (fault) {
        const remedy = remedyOf(fault)
        if (pool === this.#pool && !isGivenUp(signal, begun)) this.#blame(fault, remedy)
        const hasDoneNothing = remedy === 'elsewhere' || (remedy === 'reconnect' && !begun)
        if (!hasDoneNothing || left === 0 || signal.aborted) throw fault
      }
    }
  }

  #blame(fault: unknown, remedy: Remedy | undefined): void {
    if (remedy === 'reconnect' || remedy === 'elsewhere') {
      this.#respite()?.failed(fault, this.#context.clock.monotonicMs())
      this.#rotate(fault)
    }
    if (remedy === 'wait-elsewhere' && this.#address.hosts.length > 1) this.#rotate(fault)
  }

  /** Idle connections to the host that failed are dropped with its pool; work under way there may end. */
  #rotate(fault: unknown): void {
    if (this.#closed) return
    const failed = this.#pool
    const from = this.#host()
    this.#turn += 1
    this.#pool = this.#open()
    const to = this.#host()
    if (from !== to) {
      const details = { from: from.host, to: to.host, fault: String(fault) }
      this.#context.logger.warn('The store failed; taking its next host.', details)
    }
    const retired = failed.close().finally(() => this.#retiring.delete(retired))
    this.#retiring.add(retired)
  }

  #host(): Host {
    const { hosts } = this.#address
    return hosts[this.#turn % hosts.length] ?? hosts[0]
  }

  #respite(): Respite | undefined {
    return this.#respites[this.#turn % this.#respites.length]
  }

  #open(): KnexPool {
    const { user, password, database } = this.#address
    const { host, port } = this.#host()
    const connection = {
      stream: () => dial(host, port),
      user,
      password,
      database,
      supportBigNumbers: true,
      bigNumberStrings: true,
      connectTimeout: CONNECT_LIMIT_MS,
    }
    return new KnexPool({
      // Told a version, knex does not spend a round trip on asking; nothing here depends on it.
      config: { client: 'mysql2', version: 'latest', connection },
      maxConnections: this.#maxConnections,
      begin: 'BEGIN',
      read: readAnswer,
      prepare: async (session) => {
        await applySettings(session)
        await joinCluster(session, this.#address.hosts.length > 1)
      },
      clock: this.#context.clock,
    })
  }
}

/**
 * Whether nobody wants the answer any more, or time ran out before it was asked for: neither says
 * anything of the host.
 */
function isGivenUp({ aborted, reason }: AbortSignal, begun: boolean): boolean {
  return aborted && (!begun || propertyOf(reason, 'name') === 'AbortError')
}

async function applySettings(session: Session): Promise<void> {
  const names = [...SETTINGS.keys()]
  await session.run(`SET ${names.map((name) => `SESSION ${name} = ?`).join(', ')}`, [
    ...SETTINGS.values(),
  ])
  const { rows } = await session.run(`SELECT ${names.map((n) => `@@${n} AS ${n}`).join(', ')}`)
  for (const [name, wanted] of SETTINGS) {
    const actual = String(rows[0]?.[name])
    if (actual !== String(wanted))
      throw faultOf('SESSION_REFUSED', `${name} is ${actual}, not ${wanted}`)
  }
}

/**
 * Of several hosts only one that takes writes is wanted: the others may be behind, and whoever has the
 * rights for it could even write to them. A node of a Galera cluster may be behind as well, and says what
 * others have committed only to those who let it catch up first.
 */
async function joinCluster(session: Session, hasOtherHosts: boolean): Promise<void> {
  const value = await serverVariables(session, 'read_only', 'wsrep_on')
  if (hasOtherHosts && (value.get('read_only') ?? 'OFF') !== 'OFF') {
    throw faultOf('SESSION_REFUSED', 'the server is read-only')
  }
  if (value.get('wsrep_on') === 'ON') await session.run(CATCH_UP_FIRST)
}

/** mysql2 gives `[rows, fields]` for what has rows, else `[header, undefined]`. */
function readAnswer(answer: unknown): StatementResult {
  const first: unknown = Array.isArray(answer) ? answer[0] : undefined
  if (Array.isArray(first)) return { rows: first.filter(isRow), changed: 0, insertId: 0n }
  if (!isRow(first)) throw new TypeError('the driver gave an answer of an unknown form')
  return {
    rows: [],
    changed: Number(bigintOf(first, 'affectedRows')),
    insertId: bigintOf(first, 'insertId'),
  }
}
