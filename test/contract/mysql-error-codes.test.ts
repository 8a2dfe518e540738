import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { SegmentLease } from '../../internal/domain/generator/segment-repository.ts'
import type { Database } from '../../internal/repository/database/database.ts'
import { migrate } from '../../internal/repository/migration.ts'
import { MysqlSegmentRepository } from '../../internal/repository/segment/mysql-segment-repository.ts'
import { AnsweringProxy, errorPacket } from '../support/answering-proxy.ts'
import { mysqlTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { openDatabase } from '../support/store-rig.ts'
import { lease, requestFor } from './segment-repository.contract.ts'

/**
 * Goal: after every error that a server may answer with, the next lease is had where it can be had.
 * Method: a first host that answers a lease, or a new connection, with that error instead of doing it,
 * and a second one that is well. Both are one database.
 */

const LEASE = 'UPDATE leaf_alloc'

let hand: TestDatabase
let proxy: AnsweringProxy
let database: Database
let segments: MysqlSegmentRepository

beforeAll(async () => {
  hand = await mysqlTestDatabase()
  const migrating = openDatabase(hand.url)
  await migrate(migrating, AbortSignal.timeout(5_000))
  await migrating.close()
  await hand.query(`INSERT INTO leaf_alloc (biz_tag, max_id, step) VALUES ('t', 1, 1000)`)
})

afterAll(() => hand.drop())

beforeEach(async () => {
  await hand.query(`UPDATE leaf_alloc SET max_id = 1`)
  const { host, port } = new URL(hand.url)
  proxy = await AnsweringProxy.to(Number(port || 3306))
  const url = Object.assign(new URL(hand.url), { host: proxy.host, search: `hosts=${host}` })
  database = openDatabase(url.href)
  segments = new MysqlSegmentRepository(database, { warn: () => {} })
})

afterEach(async () => {
  await database.close()
  await proxy.close()
})

function leased(): Promise<SegmentLease | undefined> {
  return lease(segments, requestFor('t'))
}

const FIRST = { offset: 1n, maxId: 1001n }

function closed(): Promise<number> {
  return eventually(
    async () => proxy.open,
    (open) => open === 0,
  )
}

describe('an error that means that everything was undone', () => {
  test.each([
    [1213, 'a deadlock'],
    [1020, 'a row changed since it was read'],
    [1062, 'another process created the row first'],
    [1180, 'COMMIT was refused'],
    [9007, 'TiDB: a write conflict'],
    [8028, 'TiDB: the schema changed'],
    [8022, 'TiDB: COMMIT was rolled back'],
    [8002, 'TiDB: a locked read conflicted'],
  ])('%d (%s): the lease is tried again on the same connection', async (errno) => {
    proxy.answer(LEASE, errorPacket(errno), errorPacket(errno))
    expect(await leased()).toEqual(FIRST)
    expect(proxy).toMatchObject({ accepted: 1, open: 1 })
  })
})

describe('an error that means that this host refused and did nothing', () => {
  test.each([
    [1290, 'read-only, as after a failover'],
    [1792, 'a read-only transaction'],
    [1836, 'read-only mode'],
    [3100, 'Group Replication: this member may not write'],
    [1047, 'Galera: the node is not ready'],
    [1040, 'too many connections'],
    [1203, 'too many connections of this user'],
  ])('%d (%s): the same attempt has the lease from the next host', async (errno) => {
    proxy.answer(LEASE, errorPacket(errno))
    expect(await leased()).toEqual(FIRST)
    await closed()
    expect(proxy.accepted).toBe(1)
  })

  test('and every other host does too: the attempt fails, once each was asked', async () => {
    proxy.answer(LEASE, errorPacket(1290))
    await hand.query('SET GLOBAL read_only = 1')
    try {
      await expect(leased()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    } finally {
      await hand.query('SET GLOBAL read_only = 0')
    }
    expect(await leased()).toEqual(FIRST)
  })
})

describe('an error that means that this host is not to be trusted', () => {
  test.each([
    [1053, 'the server shuts down'],
    [1927, 'the connection was killed'],
    [4031, 'the connection was idle for too long'],
    [2006, 'the server has gone away'],
    [2013, 'the connection was lost'],
    [9001, 'TiDB: the placement driver does not answer'],
    [9002, 'TiDB: the store does not answer'],
    [9003, 'TiDB: the store is busy'],
    [1205, 'a row stayed locked for a second'],
    [3101, 'Group Replication rolled back at COMMIT'],
  ])(
    '%d (%s): its connection is closed, and the next lease is had from the next host',
    async (errno) => {
      proxy.answer(LEASE, errorPacket(errno))
      await expect(leased()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', cause: { errno } })
      expect(await leased()).toEqual(FIRST)
      await closed()
      expect(proxy.accepted).toBe(1)
    },
  )

  test.each([
    [1040, 'too many connections'],
    [1129, 'this client is blocked'],
    [1130, 'this client is not allowed'],
    [1043, 'it was greeted badly'],
    [3159, 'it wants TLS'],
    [1053, 'the server shuts down'],
  ])(
    '%d (%s) instead of a greeting: the same attempt has the lease from the next host',
    async (errno) => {
      proxy.greet(errorPacket(errno, 0))
      expect(await leased()).toEqual(FIRST)
      await closed()
    },
  )

  test.each([
    ['another protocol', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['ones', Buffer.alloc(64, 0xff)],
    ['a packet of nothing known', Buffer.from([5, 0, 0, 0, 1, 2, 3, 4, 5])],
  ])(
    '%s instead of a greeting: the same attempt has the lease from the next host',
    async (_, bytes) => {
      proxy.greet(bytes)
      expect(await leased()).toEqual(FIRST)
      await closed()
    },
  )

  test('session settings that it does not take: the same attempt has the lease from the next host', async () => {
    // What it answers to SET is OK, and then it goes on with what it had.
    proxy.answer('SET SESSION', Buffer.from([7, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0]))
    expect(await leased()).toEqual(FIRST)
    await closed()
  })
})

describe('an error that passes or is for an operator to mend', () => {
  test.each([
    [1021, 'the disk is full'],
    [1037, 'out of memory'],
    [1038, 'out of memory for sorting'],
    [1041, 'out of resources'],
    [1114, 'the table is full'],
    [1226, 'a limit of this user is used up'],
    [1317, 'the statement was killed'],
    [1969, 'the statement took too long for MariaDB'],
    [3024, 'the statement took too long for MySQL'],
    [1044, 'no rights on the database'],
    [1142, 'no rights on the table'],
    [1146, 'no such table'],
    [8005, 'TiDB: time stamps fell behind'],
  ])('%d (%s): the next lease is tried on the same connection', async (errno) => {
    proxy.answer(LEASE, errorPacket(errno))
    await expect(leased()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', cause: { errno } })
    expect(await leased()).toEqual(FIRST)
    expect(proxy).toMatchObject({ accepted: 1, open: 1 })
  })
})

test('an error of which nothing is known is a mistake of ours, and not tried again', async () => {
  proxy.answer(LEASE, errorPacket(1064))
  await expect(leased()).rejects.toMatchObject({ code: 'INTERNAL', cause: { errno: 1064 } })
  expect(proxy).toMatchObject({ accepted: 1, open: 1 })
})

test.each([
  ['nothing', Buffer.alloc(0)],
  ['another protocol', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ['half a packet', Buffer.from([200, 0, 0, 1, 0])],
  ['a result without its columns', Buffer.from([1, 0, 0, 1, 3, 5, 0, 0, 2, 0xfe, 0, 0, 2, 0])],
])(
  '%s as a reply: a failure at the limit of the attempt at the latest, and the next host is asked',
  async (_, bytes) => {
    proxy.answer(LEASE, bytes, bytes)
    const attempt = segments.lease(requestFor('t'), AbortSignal.timeout(300))
    await expect(attempt).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(await leased()).toEqual(FIRST)
    await closed()
    expect(proxy.accepted).toBe(1)
  },
)

describe('a real server', () => {
  test('that undoes a transaction because of a deadlock: it is run again', async () => {
    await hand.query(`INSERT INTO leaf_alloc (biz_tag, step) VALUES ('u', 1), ('v', 1), ('w', 1)`)
    await hand.query('BEGIN')
    // More rows changed than by ours, which is thus the one to be undone.
    const change = (tag: string) =>
      hand.query('UPDATE leaf_alloc SET step = 2 WHERE biz_tag = ?', [tag])
    for (const tag of ['u', 'v', 'w']) await change(tag)
    let runs = 0
    let theirs: Promise<unknown> | undefined
    const ours = database.run(AbortSignal.timeout(5_000), (session) =>
      session.transaction(async () => {
        runs += 1
        await session.run(`UPDATE leaf_alloc SET step = 7 WHERE biz_tag = 't'`)
        if (runs === 1) theirs = change('t').then(() => hand.query('COMMIT'))
        await session.run(`UPDATE leaf_alloc SET step = 7 WHERE biz_tag = 'u'`)
      }),
    )
    await Promise.all([ours, theirs])
    expect(runs).toBe(2)
    const rows = await hand.query(`SELECT biz_tag, step FROM leaf_alloc ORDER BY biz_tag`)
    await hand.query(`DELETE FROM leaf_alloc WHERE biz_tag <> 't'`)
    await hand.query(`UPDATE leaf_alloc SET step = 1000`)
    expect(rows.map((row) => Object.values(row).join(' '))).toEqual(['t 7', 'u 7', 'v 2', 'w 2'])
  })

  test.each([
    ['CONNECTION', 'a connection', 0],
    ['QUERY', 'a statement', 1],
  ])('that is told to KILL %s: %s in the midst of a lease', async (what, _, open) => {
    await hand.query('BEGIN')
    await hand.query('SELECT * FROM leaf_alloc FOR UPDATE')
    const attempt = leased()
    attempt.catch(() => {})
    const [row] = await eventually(
      () =>
        hand.query(`SELECT id FROM information_schema.processlist
        WHERE db = DATABASE() AND info LIKE '${LEASE}%'`),
      (rows) => rows.length === 1,
    )
    await hand.query(`KILL ${what} ${row?.['id']}`)
    await expect(attempt).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await hand.query('COMMIT')
    expect(await leased()).toEqual(FIRST)
    if (open === 0) await closed()
    expect(proxy.open).toBe(open)
  })
})
