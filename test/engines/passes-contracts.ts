import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from '@jest/globals'
import { type Engine, urlOf } from './engine.ts'

const LIMIT_MS = 600_000
const LIMITED = { timeout: LIMIT_MS - 5_000, killSignal: 'SIGKILL' } as const

/** The suites of all that a store has to do, each of which uses a server that it is told of. */
const SUITES = [
  ...['mysql-segment-repository', 'mysql-transaction-segment-repository', 'mysql-tag-repository'],
  ...['mysql-rest-repository', 'mysql-ledger-repository', 'mysql-worker-repository'],
  ...['executed-twice', 'rest-executed-twice', 'tag-executed-twice', 'worker-executed-twice'],
  ...['store', 'worker-store', 'tag-twins', 'unreadable-row', 'worker-unknown-outcome'],
]

/** Of two instances in these suites, each asks another server first. */
export function passesContracts(engine: () => Engine): void {
  test('the contract suites pass', () => expect(exitCode(engine())).resolves.toBe(0), LIMIT_MS)
}

async function exitCode(engine: Engine): Promise<unknown> {
  const files = SUITES.map((name) => `test/contract/${name}.test.ts`)
  const jest = spawn(
    process.execPath,
    [...process.execArgv, 'node_modules/jest/bin/jest.js', '--runTestsByPath', ...files],
    {
      ...LIMITED,
      stdio: 'inherit',
      env: { ...process.env, GOLOVES_TEST_MYSQL_URL: urlOf(engine) },
    },
  )
  const [code]: unknown[] = await once(jest, 'exit')
  return code
}
