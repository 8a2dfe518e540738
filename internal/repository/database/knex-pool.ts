import { Socket } from 'node:net'
import knex, { type Knex } from 'knex'
import type { Clock } from '../../../pkg/clock/clock.ts'
import type { Binding, Session, StatementResult } from './database.ts'
import { trust } from './dial.ts'
import { faultOf, remedyOf } from './store-fault.ts'

/** How long a connection may take to be made, and a caller to get one. */
export const CONNECT_LIMIT_MS = 2_000
const CLOSE_LIMIT_MS = 1_500

export interface KnexPoolOptions {
  readonly config: Knex.Config
  readonly maxConnections: number
  readonly begin: 'BEGIN' | 'BEGIN IMMEDIATE'
  /** Reads what the driver answered. */
  readonly read: (answer: unknown) => StatementResult
  /** Makes a new connection fit for use; if it throws, nobody gets that connection. */
  readonly prepare: (session: Session) => Promise<void>
  readonly clock: Clock
}

/** The connections to one server or file. The only file that knows knex's raw connections. */
export class KnexPool {
  readonly #options: KnexPoolOptions
  readonly #knex: Knex
  readonly #sockets = new Set<Socket>()
  #closed = false

  constructor(options: KnexPoolOptions) {
    this.#options = options
    this.#knex = knex({
      ...options.config,
      log: { warn: drop, error: drop, deprecate: drop, debug: drop },
      pool: {
        min: 0,
        max: options.maxConnections,
        acquireTimeoutMillis: CONNECT_LIMIT_MS,
        createTimeoutMillis: CONNECT_LIMIT_MS,
        afterCreate: (raw: unknown, done: (fault?: unknown) => void) => {
          this.#prepare(raw).then(() => done(), done)
        },
      },
    })
  }

  /**
   * Runs `work` on a connection of its own, which is destroyed when `signal` aborts.
   *
   * @throws whatever the driver says, or a fault CONNECTION_UNAVAILABLE; `work` did not begin if
   * `onBegin` was not called.
   */
  async use<T>(
    signal: AbortSignal,
    work: (session: Session) => Promise<T>,
    onBegin: () => void = drop,
  ): Promise<T> {
    const raw = await this.#acquire(signal)
    const abort = () => destroy(raw)
    signal.addEventListener('abort', abort)
    try {
      onBegin()
      return await work(this.#session(raw))
    } finally {
      signal.removeEventListener('abort', abort)
      await this.#knex.client.releaseConnection(raw)
    }
  }

  /** Waits for work under way, a moment at most, then destroys what is left. */
  async close(): Promise<void> {
    this.#closed = true
    let callOff = drop
    const limit = new Promise<void>((resolve) => {
      callOff = this.#options.clock.after(CLOSE_LIMIT_MS, resolve)
    })
    await Promise.race([this.#knex.destroy(), limit])
    callOff()
    for (const socket of this.#sockets) socket.destroy()
  }

  #acquire(signal: AbortSignal): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const giveUp = () => reject(faultOf('CONNECTION_UNAVAILABLE', signal.reason))
      if (signal.aborted || this.#closed) return giveUp()
      signal.addEventListener('abort', giveUp, { once: true })
      this.#knex.client
        .acquireConnection()
        .then((raw: unknown) => {
          signal.removeEventListener('abort', giveUp)
          if (signal.aborted) this.#knex.client.releaseConnection(raw)
          else resolve(raw)
        })
        .catch((fault: unknown) => {
          signal.removeEventListener('abort', giveUp)
          // Whatever else it is, the pool's own complaint or the server's, there is no connection.
          reject(remedyOf(fault) ? fault : faultOf('CONNECTION_UNAVAILABLE', fault))
        })
    })
  }

  async #prepare(raw: unknown): Promise<void> {
    this.#remember(raw)
    const callOff = this.#options.clock.after(CONNECT_LIMIT_MS, () => destroy(raw))
    try {
      if (this.#closed) throw faultOf('CONNECTION_UNAVAILABLE', 'the pool is closed')
      await this.#options.prepare(this.#session(raw))
      const socket = socketOf(raw)
      if (socket !== undefined) trust(socket)
    } catch (fault) {
      // knex forgets a connection that fails here without closing it.
      if (socketOf(raw) === undefined) await this.#knex.client.destroyRawConnection(raw)
      else destroy(raw)
      throw fault
    } finally {
      callOff()
    }
  }

  #remember(raw: unknown): void {
    const socket = socketOf(raw)
    if (socket === undefined) return
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
  }

  #session(raw: unknown): Session {
    const { begin, read } = this.#options
    const run = async (sql: string, bindings: readonly Binding[] = []) =>
      read(await this.#knex.raw(sql, bindings).connection(raw))
    const transaction = async <T>(work: () => Promise<T>) => {
      await run(begin)
      try {
        const result = await work()
        await run('COMMIT')
        return result
      } catch (fault) {
        // Nobody may find half a transaction on this connection.
        await run('ROLLBACK').catch(() => destroy(raw))
        throw fault
      }
    }
    return { run, transaction }
  }
}

/** Statements under way fail at once, and the pool never hands the connection out again. */
function destroy(raw: unknown): void {
  socketOf(raw)?.destroy()
}

/** The embedded store's connections have none. */
function socketOf(raw: unknown): Socket | undefined {
  const stream = typeof raw === 'object' && raw !== null && 'stream' in raw ? raw.stream : undefined
  return stream instanceof Socket ? stream : undefined
}

function drop(): void {}
