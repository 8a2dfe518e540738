import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Database, Session } from '../../internal/repository/database/database.ts'
import { migrate } from '../../internal/repository/migration.ts'
import { SqliteSegmentRepository } from '../../internal/repository/segment/sqlite-segment-repository.ts'
import { sqliteTestDatabase, type TestDatabase } from '../support/database.ts'
import { openDatabase } from '../support/store-rig.ts'
import { expectDisjoint, lease, requestFor } from './segment-repository.contract.ts'

const PROGRAM = fileURLToPath(new URL('../support/lease-in-process.ts', import.meta.url))

let hand: TestDatabase
let database: Database
let other: Database

beforeEach(async () => {
  hand = await sqliteTestDatabase()
  database = openDatabase(hand.url)
  other = openDatabase(hand.url)
  await migrate(database, AbortSignal.timeout(5_000))
})

afterEach(async () => {
  await Promise.all([database.close(), other.close()])
  await hand.drop()
})

test('two processes that lease from one file get ranges that touch and never overlap', async () => {
  await hand.query(`INSERT INTO leaf_alloc (biz_tag, max_id, step) VALUES ('shared', 0, 10)`)
  const run = () => promisify(execFile)(process.execPath, [PROGRAM, hand.url, 'shared', '200'])
  const outputs = await Promise.all([run(), run()])
  const leases = outputs
    .flatMap(({ stdout }) => stdout.trim().split('\n'))
    .map((line) => line.split(' ').map(BigInt))
    .map(([offset = 0n, maxId = 0n]) => ({ offset, maxId }))
  expect(leases).toHaveLength(400)
  expectDisjoint(leases)
  expect(await hand.query('SELECT max_id FROM leaf_alloc WHERE biz_tag = ?', ['shared'])).toEqual([
    { max_id: 4000n },
  ])
})

test('a file that somebody else has locked is waited for without holding up the event loop', async () => {
  const segments = new SqliteSegmentRepository(other)
  const request = requestFor('order-service')
  await lease(segments, request)
  const unlocked = Promise.withResolvers<void>()
  const holding = whileLocked(database, () => unlocked.promise)
  await holding.begun
  const waiting = lease(segments, request)
  // Could the event loop not turn, this timer would not fire and nobody would ever unlock.
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(await Promise.race([waiting, 'still waiting'])).toBe('still waiting')
  unlocked.resolve()
  expect(await waiting).toEqual({ offset: 1001n, maxId: 2001n })
  await holding.ended
})

test('an attempt on a locked file ends at its limit and takes nothing', async () => {
  const unlocked = Promise.withResolvers<void>()
  const holding = whileLocked(database, () => unlocked.promise)
  await holding.begun
  const attempt = new SqliteSegmentRepository(other).lease(
    requestFor('order-service'),
    AbortSignal.timeout(100),
  )
  await expect(attempt).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  unlocked.resolve()
  await holding.ended
  const rows = await hand.query(`SELECT max_id FROM leaf_alloc WHERE biz_tag = 'order-service'`)
  expect(rows).toEqual([{ max_id: 1n }])
})

test.each(['0.5', '9.3e18', `'garbage'`])(
  'a max_id of %s, which is no integer, leases nothing and stays',
  async (literal) => {
    await hand.query(
      `INSERT INTO leaf_alloc (biz_tag, max_id, step) VALUES ('odd', ${literal}, 1000)`,
    )
    const before = await hand.query(`SELECT max_id FROM leaf_alloc WHERE biz_tag = 'odd'`)
    const segments = new SqliteSegmentRepository(database)
    expect(await lease(segments, requestFor('odd'))).toBeUndefined()
    expect(await hand.query(`SELECT max_id FROM leaf_alloc WHERE biz_tag = 'odd'`)).toEqual(before)
  },
)

test('what is committed survives a power cut: WAL, and each commit is synced', async () => {
  const settings = await database.run(AbortSignal.timeout(5_000), async (session) => [
    ...(await session.run('PRAGMA journal_mode')).rows,
    ...(await session.run('PRAGMA synchronous')).rows,
    ...(await session.run('PRAGMA busy_timeout')).rows,
  ])
  expect(settings).toEqual([{ journal_mode: 'wal' }, { synchronous: 2n }, { timeout: 0n }])
  const file = await readFile(hand.url.slice('sqlite:'.length))
  expect(file.subarray(0, 15).toString()).toBe('SQLite format 3')
})

function whileLocked(locking: Database, work: () => Promise<void>) {
  const begun = Promise.withResolvers<void>()
  const hold = async (session: Session) => {
    begun.resolve()
    await session.run('SELECT 1')
    await work()
  }
  const ended = locking.run(AbortSignal.timeout(10_000), (session) =>
    session.transaction(() => hold(session)),
  )
  return { begun: begun.promise, ended }
}
