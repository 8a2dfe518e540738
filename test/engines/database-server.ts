import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { createConnection } from 'mysql2/promise'
import { isRow, type Row } from '../../internal/repository/database/row.ts'
import { runToEnd } from './run-to-end.ts'

export const HOSTS = [1, 2, 3] as const

/** One of the three hosts that `on-four-hosts.sh` makes. */
export type HostNumber = (typeof HOSTS)[number]

const OUTPUT_KEPT = 6000
const QUERY_LIMIT_MS = 5_000
/** Joining others may mean to fetch all that they have. */
export const JOIN_LIMIT_MS = 60_000

/** Where the other servers reach the one on this host. */
export function memberAddress(host: HostNumber): string {
  return `10.77.0.${host}`
}

/** A folder of the host's own, in memory. */
export function folderOf(host: HostNumber): string {
  return `/mnt/db${host}`
}

/** A database server on a host of its own, and all that can happen to the two. */
export class DatabaseServer {
  readonly number: HostNumber
  /** Where clients reach it, as `host:port`. */
  readonly address: string
  #process: ChildProcessByStdio<null, null, Readable> | undefined
  #output = ''

  constructor(number: HostNumber) {
    this.number = number
    this.address = `10.78.${number}.2:3306`
  }

  /**
   * Starts a program as the server and waits until it says what matches `ready`.
   *
   * @throws Error with the end of its output if it ends before.
   */
  async start(program: string, args: readonly string[], ready: RegExp): Promise<void> {
    const started = spawn('ip', ['netns', 'exec', `db${this.number}`, program, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, TMPDIR: folderOf(this.number) },
    })
    this.#process = started
    this.#output = ''
    await new Promise<void>((resolve, reject) => {
      started.once('error', reject)
      started.once('close', () => reject(new Error(`The server ended:\n${this.#output}`)))
      started.stderr.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-OUTPUT_KEPT)
        if (ready.test(this.#output)) resolve()
      })
    })
  }

  async kill(): Promise<void> {
    const killed = this.#process
    this.#process = undefined
    if (killed === undefined) return
    killed.kill('SIGKILL')
    if (killed.exitCode === null && killed.signalCode === null) await once(killed, 'exit')
  }

  /** It stands still, with all its connections, until `thaw`. */
  freeze(): void {
    this.#process?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#process?.kill('SIGCONT')
  }

  /** From now on the other servers do not reach it, nor it them; clients still do. */
  async cutOff(): Promise<void> {
    await runToEnd('ip', ['link', 'set', `members${this.number}`, 'down'])
  }

  async rejoin(): Promise<void> {
    await runToEnd('ip', ['link', 'set', `members${this.number}`, 'up'])
  }

  /** Leaves the host as it was. */
  async end(): Promise<void> {
    await this.kill()
    await this.rejoin()
  }

  /** Runs one statement on a connection of its own. @throws Error if that takes longer than `limitMs`. */
  async query(sql: string, limitMs = QUERY_LIMIT_MS): Promise<Row[]> {
    const [host = '', port] = this.address.split(':')
    const connection = await createConnection({
      ...{ host, port: Number(port), user: 'root', connectTimeout: QUERY_LIMIT_MS },
      ...{ supportBigNumbers: true, bigNumberStrings: true },
    })
    try {
      const [rows]: unknown[] = await connection.query({ sql, timeout: limitMs })
      return Array.isArray(rows) ? rows.filter(isRow) : []
    } finally {
      connection.destroy()
    }
  }
}
