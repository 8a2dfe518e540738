import { storeUnavailable } from '../../../pkg/errors/failures.ts'
import { GolovesError } from '../../../pkg/errors/goloves-error.ts'

/**
 * What helps against a fault of the store:
 * - `repeat`: the store has undone everything; the same work can be run again at once.
 * - `elsewhere`: this server has refused and done nothing; the next host may be asked at once.
 * - `reconnect`: this server or connection is not to be trusted; the next attempt takes the next host.
 * - `wait`: it may pass, but hammering does not help.
 * - `wait-elsewhere`: the same, but it may be so on this server only; the next attempt takes the next host,
 *   if there is one.
 */
export type Remedy = 'repeat' | 'elsewhere' | 'reconnect' | 'wait' | 'wait-elsewhere'

const RETRY_AFTER_MS = 500

/** Numbers are the server's own errors, words those of the drivers and the operating system. */
const REMEDIES: ReadonlyMap<unknown, Remedy> = new Map<unknown, Remedy>([
  [1213, 'repeat'], // deadlock; in Galera also a conflict found at COMMIT
  [1020, 'repeat'], // row changed since it was read (innodb_snapshot_isolation)
  [1062, 'repeat'], // another process created the same row first; the next read sees it
  [1180, 'repeat'], // COMMIT refused
  [9007, 'repeat'], // TiDB: write conflict
  [8028, 'repeat'], // TiDB: schema changed meanwhile
  [8022, 'repeat'], // TiDB: COMMIT failed, rolled back
  [8002, 'repeat'], // TiDB: locked read conflict
  ['SQLITE_BUSY', 'repeat'],
  ['SQLITE_LOCKED', 'repeat'],

  [1290, 'elsewhere'], // read-only, as after a failover
  [1792, 'elsewhere'], // read-only transaction
  [1836, 'elsewhere'], // read-only mode
  [3100, 'elsewhere'], // Group Replication: this member may not write; rolled back at COMMIT
  [1047, 'elsewhere'], // Galera: node not ready
  [1040, 'elsewhere'], // too many connections
  [1203, 'elsewhere'], // too many connections of this user
  ['SESSION_REFUSED', 'elsewhere'], // ours: the server did not take the session's settings

  [1053, 'reconnect'], // server is shutting down
  [1927, 'reconnect'], // connection was killed
  [4031, 'reconnect'], // the server closed an idle connection
  [2006, 'reconnect'],
  [2013, 'reconnect'],
  [9001, 'reconnect'], // TiDB: placement driver, store or region does not answer
  [9002, 'reconnect'],
  [9003, 'reconnect'],
  ['PROTOCOL_CONNECTION_LOST', 'reconnect'],
  ['ECONNREFUSED', 'reconnect'],
  ['ECONNRESET', 'reconnect'],
  ['ETIMEDOUT', 'reconnect'],
  ['EPIPE', 'reconnect'],
  ['EHOSTUNREACH', 'reconnect'],
  ['ENETUNREACH', 'reconnect'],
  ['ENOTFOUND', 'reconnect'],
  ['EAI_AGAIN', 'reconnect'],
  ['CONNECTION_UNAVAILABLE', 'reconnect'], // ours: none to be had in time

  // A row stayed locked for a second: maybe by our own earlier attempt, which a primary that was cut
  // off from its group can neither commit nor give up. Or a node of Galera did not catch up.
  [1205, 'wait-elsewhere'],
  // Group Replication: rolled back here at COMMIT. A member that leaves says so also of what it had sent
  // to the others already, who may have committed it.
  [3101, 'wait-elsewhere'],

  [1021, 'wait'], // the server's disk is full
  [1037, 'wait'], // out of memory
  [1038, 'wait'],
  [1041, 'wait'],
  [1114, 'wait'], // the table is full
  [1226, 'wait'], // a limit of this user is used up
  [1317, 'wait'], // somebody killed the statement
  [1969, 'wait'], // max_statement_time
  [3024, 'wait'], // max_execution_time
  [1044, 'wait'], // no rights on the database
  [1045, 'wait'], // wrong user or password
  [1049, 'wait'], // no such database
  [1142, 'wait'], // no rights on the table
  [1146, 'wait'], // no such table: not migrated yet
  [8005, 'wait'], // TiDB: time stamps fell behind
  ['SQLITE_CANTOPEN', 'wait'],
  ['SQLITE_NOTADB', 'wait'],
  ['SQLITE_CORRUPT', 'wait'],
  ['SQLITE_PERM', 'wait'],
  ['SQLITE_READONLY', 'wait'],
  ['SQLITE_FULL', 'wait'],
  ['SQLITE_IOERR', 'wait'],
  ['FILE_UNUSABLE', 'wait'], // ours: one of these, with the name of the file
])

/** Undefined: nothing known helps, it is a fault of the program or of the data. */
export function remedyOf(fault: unknown): Remedy | undefined {
  const known = REMEDIES.get(propertyOf(fault, 'errno')) ?? REMEDIES.get(baseCodeOf(fault))
  // What else ends a connection leaves nothing to use it for.
  return known ?? (propertyOf(fault, 'fatal') === true ? 'reconnect' : undefined)
}

/** Whether a column's character set lacks what was to be written to it. */
export function isUnstorableText(fault: unknown): boolean {
  return propertyOf(fault, 'errno') === 1366
}

/** A fault as a caller may see it: STORE_UNAVAILABLE if it may pass, INTERNAL if not. */
export function failureOf(fault: unknown): GolovesError {
  if (fault instanceof GolovesError || remedyOf(fault) === undefined)
    return GolovesError.from(fault)
  return storeUnavailable(RETRY_AFTER_MS, fault)
}

/** The failure of work whose time was up; what it did, if anything, is unknown. */
export function outOfTime(cause?: unknown): GolovesError {
  return storeUnavailable(RETRY_AFTER_MS, cause)
}

/** A fault of ours with a code that the table above knows. */
export function faultOf(
  code: 'SESSION_REFUSED' | 'CONNECTION_UNAVAILABLE' | 'FILE_UNUSABLE',
  why: unknown,
): Error {
  const message = why instanceof Error ? why.message : String(why)
  return Object.assign(new Error(message), { code })
}

/** SQLite adds the exact case to its codes, as in SQLITE_BUSY_SNAPSHOT. */
function baseCodeOf(fault: unknown): unknown {
  const code = propertyOf(fault, 'code')
  return typeof code === 'string' ? code.replace(/^(SQLITE_[A-Z]+)_.*$/, '$1') : code
}

/** What a fault says of itself, if it says anything. */
export function propertyOf(fault: unknown, name: 'code' | 'errno' | 'fatal' | 'name'): unknown {
  if (typeof fault !== 'object' || fault === null) return undefined
  return Reflect.get(fault, name)
}
