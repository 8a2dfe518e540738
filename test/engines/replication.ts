import { eventually } from '../support/eventually.ts'
import { DatabaseServer, HOSTS, memberAddress } from './database-server.ts'
import type { Engine } from './engine.ts'
import { createDatabase, installMysql, MEMBER, startMysql } from './mysql-server.ts'

/** One source that takes writes, and replicas of it. Who follows whom is for an operator to say. */
export interface Replication extends Engine {
  /** Lets a replica take writes and the other one, if it is given, follow it, as after the source's end. */
  promote(replica: DatabaseServer, follower?: DatabaseServer): Promise<void>
  /** Of two replicas, the one that was sent more. */
  aheadOf(one: DatabaseServer, other: DatabaseServer): Promise<DatabaseServer>
}

/** For ever: a commit that no replica has must not be acknowledged, however long that takes. */
const TIMEOUT_MAX_MS = 4_294_967_295

/**
 * Starts a MySQL and two replicas.
 *
 * @param waits Whether a commit is acknowledged only when a replica has it: semi-synchronous replication
 * that never falls back, or plain asynchronous replication.
 */
export async function startReplication(waits: boolean): Promise<Replication> {
  const servers = HOSTS.map((host) => new DatabaseServer(host))
  const [source, ...replicas] = servers
  if (source === undefined) throw new Error('There are no hosts.')
  await Promise.all(servers.map(installMysql))
  await Promise.all(servers.map((server) => startMysql(server, settings(server, waits))))
  let inUse = source
  for (const replica of replicas) await follow(replica, source)
  const open = async (server: DatabaseServer) => {
    // Not before: what a replica executes would wait for replicas of its own.
    if (waits) await server.query('SET GLOBAL rpl_semi_sync_source_enabled = ON')
    await server.query('SET GLOBAL read_only = OFF')
  }
  await open(source)
  await createDatabase(source)
  return {
    name: waits ? 'semi-synchronous' : 'asynchronous',
    servers,
    inUse: async () => inUse,
    aheadOf,
    restart: (server) => startMysql(server, settings(server, waits)),
    async promote(replica, follower) {
      // What it was sent, and has not executed yet, was acknowledged too.
      await replica.query('STOP REPLICA IO_THREAD')
      const [row] = await replica.query(
        `SELECT WAIT_FOR_EXECUTED_GTID_SET('${await received(replica)}', 5) AS late`,
        10_000,
      )
      if (String(row?.['late']) !== '0') throw new Error('The replica is too far behind.')
      await replica.query('STOP REPLICA')
      await replica.query('RESET REPLICA ALL')
      if (follower !== undefined) {
        await follower.query('STOP REPLICA')
        await follow(follower, replica)
      }
      await open(replica)
      inUse = replica
    },
    async untilWhole() {
      await eventually(
        async () => (await inUse.query('SHOW REPLICAS')).length,
        (connected) => connected > 0,
      )
    },
  }
}

function settings({ number }: DatabaseServer, waits: boolean): string[] {
  const semiSynchronous = [
    '--plugin-load-add=semisync_source.so',
    '--plugin-load-add=semisync_replica.so',
    '--loose-rpl-semi-sync-replica-enabled=ON',
    `--loose-rpl-semi-sync-source-timeout=${TIMEOUT_MAX_MS}`,
    '--loose-rpl-semi-sync-source-wait-point=AFTER_SYNC',
  ]
  return [
    ...['--log-bin=binlog', '--skip-replica-start', '--super-read-only=ON'],
    ...[`--report-host=${memberAddress(number)}`, ...(waits ? semiSynchronous : [])],
  ]
}

async function follow(replica: DatabaseServer, source: DatabaseServer): Promise<void> {
  await replica.query(`CHANGE REPLICATION SOURCE TO SOURCE_HOST = '${memberAddress(source.number)}',
    SOURCE_USER = '${MEMBER.user}', SOURCE_PASSWORD = '${MEMBER.password}', SOURCE_AUTO_POSITION = 1,
    GET_SOURCE_PUBLIC_KEY = 1, SOURCE_CONNECT_RETRY = 1`)
  await replica.query('START REPLICA')
}

async function aheadOf(one: DatabaseServer, other: DatabaseServer): Promise<DatabaseServer> {
  const [its, theirs] = await Promise.all([received(one), received(other)])
  const [row] = await one.query(`SELECT GTID_SUBSET('${theirs}', '${its}') AS ahead`)
  return String(row?.['ahead']) === '1' ? one : other
}

/** All transactions that a replica has, executed or not. */
async function received(replica: DatabaseServer): Promise<string> {
  const [row] = await replica.query(`SELECT CONCAT(@@gtid_executed, ',', COALESCE((
    SELECT received_transaction_set FROM performance_schema.replication_connection_status LIMIT 1), ''))
    AS transactions`)
  return String(row?.['transactions']).replaceAll(/\s/g, '')
}
