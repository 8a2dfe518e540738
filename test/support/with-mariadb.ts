import { spawn } from 'node:child_process'
import { constants as os } from 'node:os'
import { findMariadb } from './find-program.ts'
import { installPackages, mayInstall } from './install-packages.ts'
import { startPrivateMariadb } from './private-mariadb.ts'

// node with-mariadb.ts -- COMMAND [ARGUMENTS]: runs the command with GOLOVES_TEST_MYSQL_URL set, to a
// server of its own if none is named, and ends as the command does.

const URL_VARIABLE = 'GOLOVES_TEST_MYSQL_URL'
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

const WAYS = `The tests need a MySQL or MariaDB. Any of these will do:
  - set ${URL_VARIABLE}=mysql://user:password@host:3306/database, where they may do anything;
  - install mariadb-server, of which they start a private one;
  - run them as root on Debian or Ubuntu, and they install it.`

/** The signal that is to end this program, once there was one. */
let endedBy: NodeJS.Signals | undefined
let stopRunning: (signal: NodeJS.Signals) => void = () => {}

for (const signal of SIGNALS) {
  process.once(signal, () => {
    endedBy ??= signal
    stopRunning(signal)
  })
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}
// The handler is gone by now, so this ends the program as the signal would have.
if (endedBy !== undefined) process.kill(process.pid, endedBy)

async function main([separator, command, ...args]: string[]): Promise<number> {
  if (separator !== '--' || command === undefined) {
    throw new Error('Usage: node with-mariadb.ts -- COMMAND [ARGUMENTS]')
  }
  if (process.env[URL_VARIABLE]) return run(command, args)
  const server = await startPrivateMariadb(findMariadb() ?? (await installed()))
  try {
    return await run(command, args, { [URL_VARIABLE]: server.url })
  } finally {
    await server.stop()
  }
}

/** Installs a server and tells which. */
async function installed(): Promise<string> {
  if (!mayInstall()) throw new Error(WAYS)
  await installPackages(['mariadb-server'])
  const found = findMariadb()
  if (found === undefined) throw new Error(`mariadb-server could not be installed.\n${WAYS}`)
  return found
}

/** Runs a command to its end, to which a signal that is to end this program is passed on. */
async function run(command: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
  if (endedBy !== undefined) return 128 + os.signals[endedBy]
  const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, ...env } })
  stopRunning = (signal) => child.kill(signal)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : os.signals[signal]))
    })
  })
}
