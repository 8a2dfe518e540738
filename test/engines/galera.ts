import { mkdir, rm, writeFile } from 'node:fs/promises'
import { eventually } from '../support/eventually.ts'
import { DatabaseServer, folderOf, HOSTS, JOIN_LIMIT_MS, memberAddress } from './database-server.ts'
import { DATABASE, type Engine } from './engine.ts'
import { runToEnd } from './run-to-end.ts'

const USER = 'mysql'
/** One statement a line, as the server wants it. */
const INIT = `CREATE USER root@'%';
GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;
CREATE DATABASE ${DATABASE};
`
const READY = /Synchronized with group, ready for connections/

/** Starts three nodes of MariaDB Galera, each with settings of its own only where a host needs them. */
export async function startGalera(): Promise<Engine> {
  const servers = HOSTS.map((host) => new DatabaseServer(host))
  const [first, ...others] = servers
  await Promise.all(servers.map(install))
  await start(first, '--wsrep-new-cluster', `--init-file=${folderOf(1)}/init.sql`)
  for (const server of others) await start(server)
  const engine: Engine = {
    name: 'galera',
    servers,
    inUse: () => mostUsed(servers),
    restart: (server) => start(server),
    async untilWhole() {
      await eventually(
        () => Promise.all(servers.map(stateOf)),
        (states) => states.every((state) => state === `Synced ${HOSTS.length}`),
        JOIN_LIMIT_MS,
      )
    },
  }
  await engine.untilWhole()
  return engine
}

async function install({ number }: DatabaseServer): Promise<void> {
  const folder = folderOf(number)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder)
  await writeFile(`${folder}/init.sql`, INIT)
  await runToEnd('chown', ['-R', USER, folder])
  const options = ['--auth-root-authentication-method=normal', '--skip-test-db']
  // A server that starts removes temporary files, those of others too.
  await runToEnd('env', [
    ...[
      `TMPDIR=${folder}`,
      'mariadb-install-db',
      '--no-defaults',
      `--user=${USER}`,
      `--datadir=${folder}/data`,
      ...options,
    ],
  ])
}

/** As root, a node could not send its state: rsync gives up its privileges. */
function start(server: DatabaseServer | undefined, ...more: string[]): Promise<void> {
  if (server === undefined) throw new Error('There is no such node.')
  const folder = folderOf(server.number)
  const args = [
    ...['--no-defaults', `--user=${USER}`, `--datadir=${folder}/data`, `--socket=${folder}/socket`],
    ...['--bind-address=0.0.0.0', '--skip-name-resolve', `--pid-file=${folder}/pid`],
    ...['--binlog-format=ROW', '--innodb-autoinc-lock-mode=2', '--wsrep-on=ON'],
    ...['--wsrep-provider=/usr/lib/galera/libgalera_smm.so', '--wsrep-sst-method=rsync'],
    `--wsrep-cluster-address=gcomm://${HOSTS.map(memberAddress).join(',')}`,
    `--wsrep-node-address=${memberAddress(server.number)}`,
  ]
  return server.start('mariadbd', [...args, ...more], READY)
}

async function stateOf(server: DatabaseServer): Promise<string> {
  const sql = `SHOW STATUS WHERE Variable_name IN ('wsrep_local_state_comment', 'wsrep_cluster_size')`
  const rows = await server.query(sql).catch(() => [])
  const value = new Map(rows.map((row) => [row['Variable_name'], row['Value']]))
  return `${value.get('wsrep_local_state_comment')} ${value.get('wsrep_cluster_size')}`
}

/** All nodes take writes, so it is the one to which clients hold most connections. */
async function mostUsed(servers: readonly DatabaseServer[]): Promise<DatabaseServer> {
  const sql = `SELECT COUNT(*) AS held FROM information_schema.processlist WHERE db = '${DATABASE}'`
  const used = await Promise.all(
    servers.map(async (server) => ({ server, rows: await server.query(sql) })),
  )
  const [most] = used.toSorted(
    (one, other) => Number(other.rows[0]?.['held']) - Number(one.rows[0]?.['held']),
  )
  if (most === undefined) throw new Error('There is no server.')
  return most.server
}
