import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type DatabaseServer, folderOf } from './database-server.ts'
import { DATABASE } from './engine.ts'
import { runToEnd } from './run-to-end.ts'

const CACHE = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'goloves')
const ROOT = join(CACHE, 'mysql-server')

/** MySQL's server, once `fetchMysql` has fetched it. */
export const MYSQLD = join(CACHE, 'mysqld')

// Its libraries are newer than this machine's, so it is started by the loader that came with them.
const LAUNCHER = `#!/bin/sh
exec ${ROOT}/lib64/ld-linux-x86-64.so.2 --library-path ${ROOT}/usr/lib/x86_64-linux-gnu \\
  ${ROOT}/usr/sbin/mysqld "$@" --basedir=${ROOT}/usr --plugin-dir=${ROOT}/usr/lib/mysql/plugin \\
  --secure-file-priv=NULL --mysqlx=OFF
`
const READY = /ready for connections.*port: 3306/

/** What each server knows before it knows of the others; it is not told to them. */
const INIT = `SET SQL_LOG_BIN=0;
CREATE USER IF NOT EXISTS root@'%';
GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;
CREATE USER IF NOT EXISTS member@'%' IDENTIFIED BY 'member';
GRANT REPLICATION SLAVE, CONNECTION_ADMIN, BACKUP_ADMIN, GROUP_REPLICATION_STREAM ON *.* TO member@'%';
`

/** How the servers know each other. */
export const MEMBER = { user: 'member', password: 'member' } as const

/**
 * Fetches Oracle's MySQL, which only Debian's unstable release has, into a folder of its own among the
 * user's caches. @throws Error when that fails; nothing is left then.
 */
export async function fetchMysql(): Promise<void> {
  if (existsSync(MYSQLD)) return
  process.stderr.write('Fetching MySQL (560 MB on disk, once).\n')
  await mkdir(CACHE, { recursive: true })
  try {
    const options = ['--variant=minbase', '--include=mysql-server-core']
    await runToEnd('debootstrap', [...options, 'sid', ROOT, await mirror()])
    writeFileSync(MYSQLD, LAUNCHER, { mode: 0o755 })
  } catch (error) {
    rmSync(ROOT, { recursive: true, force: true })
    throw error
  }
}

/** Where this machine gets Debian's packages. */
async function mirror(): Promise<string> {
  const filters = ['Created-By: Packages', 'Component: main']
  const sites = await runToEnd('apt-get', ['indextargets', '--format', '$(SITE)', ...filters])
  const found = sites.split('\n').find((site) => site !== '' && !site.includes('security'))
  if (found === undefined) throw new Error('apt knows no mirror of Debian.')
  return found
}

/** Makes a server's files on its host. */
export async function installMysql({ number }: DatabaseServer): Promise<void> {
  const folder = folderOf(number)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder)
  await writeFile(`${folder}/init.sql`, INIT)
  await runToEnd(MYSQLD, [
    ...['--no-defaults', '--initialize-insecure', '--user=root', `--datadir=${folder}/data`],
  ])
}

/** Starts a server, and waits until it answers. */
export function startMysql(server: DatabaseServer, settings: readonly string[]): Promise<void> {
  const folder = folderOf(server.number)
  const args = [
    ...[
      '--no-defaults',
      '--user=root',
      `--datadir=${folder}/data`,
      `--init-file=${folder}/init.sql`,
    ],
    ...['--bind-address=0.0.0.0', '--skip-name-resolve'],
    ...[`--socket=${folder}/socket`, `--pid-file=${folder}/pid`],
    ...[`--server-id=${server.number}`, '--gtid-mode=ON', '--enforce-gtid-consistency=ON'],
  ]
  return server.start(MYSQLD, [...args, ...settings], READY)
}

export async function createDatabase(server: DatabaseServer): Promise<void> {
  await server.query(`CREATE DATABASE ${DATABASE}`)
}
