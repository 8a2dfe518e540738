import { readFile } from 'node:fs/promises'
import { createConnection } from 'mysql2/promise'
import { z } from 'zod'
import { findMariadb } from '../../support/find-program.ts'
import { type PrivateMariadb, startPrivateMariadb } from '../../support/private-mariadb.ts'

const Row = z.tuple([z.object({ version: z.string(), pidFile: z.string() })])

/** A MariaDB or MySQL of its own, with its default settings. */
export interface MysqlServer {
  readonly url: string
  readonly version: string
  readonly pid: number
  /** Whoever started it ends it. */
  readonly stop: () => Promise<void>
}

/** Starts one, if this machine has it. */
export async function startMysql(): Promise<MysqlServer | undefined> {
  const program = findMariadb()
  if (program === undefined) return undefined
  const server = await startPrivateMariadb(program)
  try {
    return { url: server.url, stop: server.stop, ...(await identityOf(server)) }
  } catch (error) {
    await server.stop()
    throw error
  }
}

async function identityOf({ url }: PrivateMariadb) {
  const connection = await createConnection(url)
  try {
    const [rows] = await connection.query('SELECT VERSION() AS version, @@pid_file AS pidFile')
    const [{ version, pidFile }] = Row.parse(rows)
    return { version, pid: Number(await readFile(pidFile, 'utf8')) }
  } finally {
    await connection.end()
  }
}
