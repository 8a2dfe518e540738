import { eventually } from '../support/eventually.ts'
import { DatabaseServer, HOSTS, JOIN_LIMIT_MS, memberAddress } from './database-server.ts'
import type { Engine } from './engine.ts'
import { createDatabase, installMysql, MEMBER, startMysql } from './mysql-server.ts'

const GROUP = 'b2a4ae7e-5d0c-4d0b-9e59-7f1f6f0a3c11'
const PORT = 33061

/** Starts three members of MySQL Group Replication, of which one at a time takes writes. */
export async function startGroupReplication(): Promise<Engine> {
  const servers = HOSTS.map((host) => new DatabaseServer(host))
  const [first, ...others] = servers
  if (first === undefined) throw new Error('There are no hosts.')
  await Promise.all(servers.map(installMysql))
  await Promise.all(servers.map(start))
  await first.query('SET GLOBAL group_replication_bootstrap_group = ON')
  await join(first)
  await first.query('SET GLOBAL group_replication_bootstrap_group = OFF')
  for (const server of others) await join(server)
  await createDatabase(first)
  const engine: Engine = {
    name: 'group replication',
    servers,
    inUse: () => primaryOf(servers),
    async restart(server) {
      await start(server)
      await join(server)
    },
    async untilWhole() {
      await eventually(
        () => Promise.all(servers.map(seenOnline)),
        (seen) => seen.every((online) => online === HOSTS.length),
        JOIN_LIMIT_MS,
      )
    },
  }
  await engine.untilWhole()
  return engine
}

async function start(server: DatabaseServer): Promise<void> {
  const seeds = HOSTS.map((host) => `${memberAddress(host)}:${PORT}`)
  const own = memberAddress(server.number)
  await startMysql(server, [
    // Before it has joined it takes no writes either.
    ...['--plugin-load-add=group_replication.so', `--report-host=${own}`, '--super-read-only=ON'],
    `--loose-group-replication-group-name=${GROUP}`,
    '--loose-group-replication-start-on-boot=OFF',
    '--loose-group-replication-recovery-get-public-key=ON',
    `--loose-group-replication-local-address=${own}:${PORT}`,
    `--loose-group-replication-group-seeds=${seeds.join(',')}`,
  ])
  await server.query(`CHANGE REPLICATION SOURCE TO SOURCE_USER = '${MEMBER.user}',
    SOURCE_PASSWORD = '${MEMBER.password}' FOR CHANNEL 'group_replication_recovery'`)
}

async function join(server: DatabaseServer): Promise<void> {
  await server.query('START GROUP_REPLICATION', JOIN_LIMIT_MS)
}

/** How many members a member sees that take part. */
async function seenOnline(server: DatabaseServer): Promise<number> {
  const sql = `SELECT member_id FROM performance_schema.replication_group_members
    WHERE member_state = 'ONLINE'`
  return (await server.query(sql).catch(() => [])).length
}

async function primaryOf(servers: readonly DatabaseServer[]): Promise<DatabaseServer> {
  const sql = `SELECT member_role AS role FROM performance_schema.replication_group_members
    WHERE member_id = @@server_uuid`
  for (const server of servers) {
    const [row] = await server.query(sql)
    if (row?.['role'] === 'PRIMARY') return server
  }
  throw new Error('There is no primary.')
}
