import { isTagName } from '../../domain/entity/tag.ts'
import type { Database, Session } from './database.ts'
import { bigintOf, numberOf, type Row, textOf } from './row.ts'
import { missingTables } from './schema.ts'
import { serverVariables } from './server-variables.ts'

/** Something about a store that whoever runs it should know. */
export interface StoreFinding {
  readonly name:
    | 'commits-lost-on-crash'
    | 'commits-lost-on-power-cut'
    | 'binlog-not-synced'
    | 'replica-not-awaited'
    | 'read-only'
    | 'tag-not-served'
  /** `refuse`: ids could be given out twice. */
  readonly severity: 'refuse' | 'warn'
  readonly message: string
}

/** So many rows that cannot be served are named; where there are more, naming them helps nobody. */
const ROWS_NAMED = 100

/**
 * Proves that the store answers, and looks for what could harm.
 *
 * @throws GolovesError STORE_UNAVAILABLE; Error that names the tables that are missing.
 */
export async function checkStore(database: Database, signal: AbortSignal): Promise<StoreFinding[]> {
  const missing = await missingTables(database, signal)
  if (missing.length > 0) {
    throw new Error(`Missing tables: ${missing.join(', ')}. Run "idgen migrate".`)
  }
  return await database.run(signal, async (session) => [
    ...(database.dialect === 'mysql' ? await serverFindings(session) : []),
    ...(await rowFindings(session, database.dialect === 'mysql' ? MYSQL_ODD : SQLITE_ODD)),
  ])
}

async function serverFindings(session: Session): Promise<StoreFinding[]> {
  const value = await serverVariables(
    session,
    ...['innodb_flush_log_at_trx_commit', 'log_bin', 'sync_binlog', 'read_only'],
    ...SEMI_SYNC.flat(),
  )
  const flush = value.get('innodb_flush_log_at_trx_commit')
  const findings: StoreFinding[] = []
  if (flush === '0') findings.push(LOST_ON_CRASH)
  if (flush === '2') findings.push(LOST_ON_POWER_CUT)
  if (value.get('log_bin') === 'ON' && value.get('sync_binlog') !== '1') findings.push(NOT_SYNCED)
  if (SEMI_SYNC.some((names) => fallsBack(names.map((name) => value.get(name))))) {
    findings.push(REPLICA_NOT_AWAITED)
  }
  if (![undefined, 'OFF'].includes(value.get('read_only'))) findings.push(READ_ONLY)
  return findings
}

/** Its switch and what it waits for, as MySQL names that, and as MariaDB and older ones do. */
const SEMI_SYNC = [
  ['source', 'replica'],
  ['master', 'slave'],
].map(([source, replica]) =>
  ['enabled', 'timeout', 'wait_point', `wait_no_${replica}`].map(
    (name) => `rpl_semi_sync_${source}_${name}`,
  ),
)
/** Whoever means for ever says weeks; the default is ten seconds. */
const AWAITED_MS = 86_400_000

/**
 * Whether a commit is acknowledged though no replica has it, or seen by others before one has.
 *
 * @param values The switch, the time limit in ms, the wait point, and whether it waits when no replica is
 * left; undefined where the server does not know them.
 */
export function fallsBack(values: readonly (string | undefined)[]): boolean {
  const [enabled, timeout, waitPoint, waitsForNone] = values
  const waits = Number(timeout) >= AWAITED_MS && waitPoint === 'AFTER_SYNC' && waitsForNone === 'ON'
  return enabled === 'ON' && !waits
}

const LOST_ON_CRASH: StoreFinding = {
  name: 'commits-lost-on-crash',
  severity: 'refuse',
  message: 'The server loses commits when it crashes: innodb_flush_log_at_trx_commit is 0.',
}

const LOST_ON_POWER_CUT: StoreFinding = {
  name: 'commits-lost-on-power-cut',
  severity: 'warn',
  message: 'The server loses commits in a power cut: innodb_flush_log_at_trx_commit is 2.',
}

const NOT_SYNCED: StoreFinding = {
  name: 'binlog-not-synced',
  severity: 'warn',
  message: 'A crash may leave replicas behind the server: sync_binlog is not 1.',
}

const REPLICA_NOT_AWAITED: StoreFinding = {
  name: 'replica-not-awaited',
  severity: 'warn',
  message:
    'A failover may lose commits: semi-synchronous replication goes on without a replica ' +
    '(rpl_semi_sync_…_timeout, …_wait_no_…), or waits for it too late (…_wait_point).',
}

const READ_ONLY: StoreFinding = {
  name: 'read-only',
  severity: 'warn',
  message: 'The server is read-only; nothing can be leased from it.',
}

// No two databases agree on regular expressions, so each has its own.
const MYSQL_ODD = `step <= 0 OR max_id < 0 OR biz_tag NOT REGEXP '^[A-Za-z0-9][A-Za-z0-9._-]*$'`
const SQLITE_ODD = `step <= 0 OR max_id < 0 OR biz_tag NOT GLOB '[A-Za-z0-9]*'
  OR biz_tag GLOB '*[^A-Za-z0-9._-]*' OR length(biz_tag) > 128`

async function rowFindings(session: Session, odd: string): Promise<StoreFinding[]> {
  const { rows } = await session.run(
    `SELECT biz_tag, step, max_id FROM leaf_alloc WHERE ${odd} LIMIT ${ROWS_NAMED}`,
  )
  return rows.map((row) => {
    const message = `Row ${JSON.stringify(textOf(row, 'biz_tag'))} of leaf_alloc is not served: ${faultOf(row)}.`
    return { name: 'tag-not-served', severity: 'warn', message }
  })
}

function faultOf(row: Row): string {
  if (!isTagName(textOf(row, 'biz_tag'))) return 'its name is no tag'
  const step = numberOf(row, 'step')
  return step <= 0 ? `its step is ${step}` : `its max_id is ${bigintOf(row, 'max_id')}`
}
