import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PACKAGE_ROOT } from '../../cmd/idgen/package-root.ts'
import { findProgram } from '../support/find-program.ts'
import { installPackages, mayInstall } from '../support/install-packages.ts'
import { fetchMysql, MYSQLD } from './mysql-server.ts'

// node test-engines.ts [ENGINE ...]: installs what is missing, and runs the suites of these engines, or
// of all, on hosts of their own. It ends with 0 if all of them pass.

/** What is needed: the package of Debian that has it, and where it is seen that it is there. */
const NEEDED: Readonly<Record<string, () => boolean>> = {
  'mariadb-server': () => findProgram('mariadbd') !== undefined,
  'galera-4': () => existsSync('/usr/lib/galera/libgalera_smm.so'),
  rsync: () => findProgram('rsync') !== undefined,
  lsof: () => findProgram('lsof') !== undefined,
  iproute2: () => findProgram('ip') !== undefined,
  debootstrap: () => existsSync(MYSQLD) || findProgram('debootstrap') !== undefined,
}
const JEST = [
  ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  ...['node_modules/jest/bin/jest.js', '--runInBand', '--verbose', '--forceExit'],
]

const SUPPORT = join(PACKAGE_ROOT, 'test', 'support')
const HOSTS = join(PACKAGE_ROOT, 'test', 'engines', 'on-four-hosts.sh')

/** What is run for each of them. */
const ENGINES: Readonly<Record<string, () => boolean>> = {
  galera: () => passes('galera'),
  'group-replication': () => passes('group-replication'),
  'semi-synchronous': () => passes('semi-synchronous'),
  asynchronous: () => passes('asynchronous'),
  /** A MySQL by itself, in the place of the MariaDB that all tests use. */
  mysql: () =>
    run(process.execPath, [
      ...[join(SUPPORT, 'with-mariadb.ts'), '--', process.execPath, ...JEST],
      ...['test/contract', 'test/integration', 'test/e2e/mysql'],
    ]),
}

try {
  const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(ENGINES)
  const unknown = chosen.find((name) => !Object.hasOwn(ENGINES, name))
  if (unknown !== undefined) {
    throw new Error(`There is no ${unknown}, but ${Object.keys(ENGINES).join(', ')}.`)
  }
  await prepare()
  const failed = chosen.filter((name, index) => {
    announce(`${name}: ${index + 1} of ${chosen.length} engines`)
    return !ENGINES[name]?.()
  })
  process.stdout.write(`${chosen.length - failed.length} engines passed, ${failed.length} failed\n`)
  process.exitCode = failed.length === 0 ? 0 : 1
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}

async function prepare(): Promise<void> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new Error('Hosts of their own for the servers need Linux, and root.')
  }
  const missing = Object.keys(NEEDED).filter((name) => !NEEDED[name]?.())
  if (missing.length > 0) {
    if (!mayInstall()) throw new Error(`This machine lacks ${missing.join(', ')}.`)
    await installPackages(missing)
  }
  await fetchMysql()
}

/** Says how far it is, to whoever watches; within an engine jest does. */
function announce(progress: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${progress}\n`)
}

function passes(suite: string): boolean {
  const file = `<rootDir>/test/engines/${suite}.suite.ts`
  return run(HOSTS, [process.execPath, ...JEST, `--testMatch=${file}`])
}

function run(program: string, args: readonly string[]): boolean {
  const { GOLOVES_TEST_MYSQL_URL: _, ...inherited } = process.env
  const env = { ...inherited, GOLOVES_TEST_MYSQLD: MYSQLD }
  const { status } = spawnSync(program, args, { stdio: 'inherit', cwd: PACKAGE_ROOT, env })
  return status === 0
}
