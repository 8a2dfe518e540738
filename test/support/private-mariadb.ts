import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { on, once } from 'node:events'
import { createServer } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { listening } from './listening.ts'

/** A database server that nothing else uses. */
export interface PrivateMariadb {
  /** Its empty database, for a user who may do everything. */
  readonly url: string
  /** Kills the server and waits until it runs again, on the same files and port. */
  restart(): Promise<void>
  /** Ends the server and removes its files. They also go when this process ends, however it ends. */
  stop(): Promise<void>
}

type Keeper = ChildProcessByStdio<Writable, null, Readable>

const KEEPER = fileURLToPath(new URL('private-mariadb.sh', import.meta.url))
const OUTPUT_KEPT = 4000
const START_LIMIT_MS = 60_000

/**
 * Starts `program` (a mariadbd or mysqld) in a temporary directory on a free port.
 *
 * @throws Error with the end of the server's output if it does not start within a minute.
 */
export async function startPrivateMariadb(program: string): Promise<PrivateMariadb> {
  const port = await freePort()
  // In a process group of its own, Ctrl-C does not reach the server before those who use it.
  const keeper = spawn(KEEPER, [program, String(port)], {
    stdio: ['pipe', 'ignore', 'pipe'],
    detached: true,
  })
  keeper.once('error', (error) => keeper.stderr.destroy(error))
  await ready(keeper)
  const restart = async () => {
    keeper.stdin.write('\n')
    await ready(keeper)
  }
  const stop = async () => {
    if (keeper.exitCode !== null || keeper.signalCode !== null) return
    const gone = once(keeper, 'exit')
    keeper.stdin.end()
    await gone
  }
  return { url: `mysql://root@127.0.0.1:${port}/goloves_test`, restart, stop }
}

async function ready(keeper: Keeper): Promise<void> {
  const late = setTimeout(() => keeper.stdin.end(), START_LIMIT_MS)
  let output = ''
  try {
    for await (const [text] of on(keeper.stderr, 'data', { close: ['close'] })) {
      output = (output + text).slice(-OUTPUT_KEPT)
      if (output.includes(': ready for connections')) return
    }
  } finally {
    clearTimeout(late)
    keeper.stderr.resume()
  }
  throw new Error(`The database did not start:\n${output}`)
}

async function freePort(): Promise<number> {
  const probe = createServer()
  const port = await listening(probe)
  probe.close()
  await once(probe, 'close')
  return port
}
