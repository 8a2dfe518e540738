import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { parseTagName } from '../../internal/domain/entity/tag.ts'
import type { Database } from '../../internal/repository/database/database.ts'
import { migrate } from '../../internal/repository/migration.ts'
import { MysqlSegmentRepository } from '../../internal/repository/segment/mysql-segment-repository.ts'
import { TransactionSegmentRepository } from '../../internal/repository/segment/transaction-segment-repository.ts'
import { KnexTagRepository } from '../../internal/repository/tag/knex-tag-repository.ts'
import { SystemClock } from '../../pkg/clock/system-clock.ts'
import { mysqlTestDatabase, type TestDatabase } from '../support/database.ts'
import { FaultProxy } from '../support/fault-proxy.ts'
import { listening } from '../support/listening.ts'
import { openDatabase } from '../support/store-rig.ts'
import { lease, requestFor } from './segment-repository.contract.ts'

const LOGGER = { warn: () => {} }

let hand: TestDatabase
let proxy: FaultProxy
let opened: Database[]

beforeEach(async () => {
  hand = await mysqlTestDatabase()
  proxy = await FaultProxy.to(hand.url)
  opened = []
  await migrate(open(hand.url), AbortSignal.timeout(5_000))
  await hand.query(`INSERT INTO leaf_alloc (biz_tag, max_id, step) VALUES ('t', 1, 1000)`)
})

afterEach(async () => {
  await Promise.all(opened.map((database) => database.close()))
  await proxy.close()
  await hand.drop()
})

describe('a row that somebody keeps locked', () => {
  beforeEach(async () => {
    await hand.query('BEGIN')
    await hand.query(`SELECT * FROM leaf_alloc WHERE biz_tag = 't' FOR UPDATE`)
  })

  test('an attempt ends at its limit, and the next one finds a working connection', async () => {
    const segments = new MysqlSegmentRepository(open(proxy.url), LOGGER)
    await expect(segments.lease(requestFor('t'), AbortSignal.timeout(100))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    })
    // The server may still execute it, when the lock is gone: that range is spent.
    await hand.query('COMMIT')
    const leased = await lease(segments, requestFor('t'))
    expect([1n, 1001n]).toContain(leased?.offset)
    expect(proxy.open).toBe(1)
  })

  test('attempts that pile up leave no connection behind', async () => {
    const database = open(proxy.url)
    const segments = new MysqlSegmentRepository(database, LOGGER)
    const attempts = Array.from({ length: 8 }, () =>
      segments.lease(requestFor('t'), AbortSignal.timeout(200)),
    )
    const results = await Promise.allSettled(attempts)
    expect(results.every(({ status }) => status === 'rejected')).toBe(true)
    await database.close()
    await eventually(() => proxy.open === 0)
    await hand.query('COMMIT')
  })

  test('the server gives up before a call of the tag repository does', async () => {
    await expect(tags(open(hand.url)).freeze(parseTagName('t'))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      cause: { errno: 1205 },
    })
    await hand.query('COMMIT')
  })
})

describe('a network that breaks', () => {
  test('a lost reply is a failure, and its range is spent', async () => {
    const segments = new MysqlSegmentRepository(open(proxy.url), LOGGER)
    await lease(segments, requestFor('t'))
    proxy.loseReply(1)
    await expect(lease(segments, requestFor('t'))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    })
    expect(await lease(segments, requestFor('t'))).toEqual({ offset: 2001n, maxId: 3001n })
  })

  test.each([
    ['BEGIN', 1, 1001n],
    ['UPDATE', 2, 1001n],
    ['SELECT', 3, 1001n],
    ['COMMIT', 4, 2001n],
  ])('a transaction whose %s is not answered is a failure', async (_, reply, offset) => {
    const segments = new TransactionSegmentRepository(open(proxy.url))
    await lease(segments, requestFor('t'))
    proxy.loseReply(reply)
    await expect(lease(segments, requestFor('t'))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    })
    expect(await lease(segments, requestFor('t'))).toMatchObject({ offset })
  })

  test('a server that falls silent ends at the limit of the attempt, and is asked again after', async () => {
    const segments = new MysqlSegmentRepository(open(proxy.url), LOGGER)
    await lease(segments, requestFor('t'))
    proxy.hang()
    await expect(segments.lease(requestFor('t'), AbortSignal.timeout(100))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    })
    proxy.release()
    expect(await lease(segments, requestFor('t'))).toBeDefined()
  })

  test('a silent server does not hold up the end', async () => {
    const database = open(proxy.url)
    await lease(new MysqlSegmentRepository(database, LOGGER), requestFor('t'))
    proxy.hang()
    const begun = performance.now()
    await database.close()
    expect(performance.now() - begun).toBeLessThan(2_500)
    await eventually(() => proxy.open === 0)
  })
})

describe('a server that accepts and never answers', () => {
  let silent: Server
  let port: number

  beforeEach(async () => {
    silent = createServer()
    port = await listening(silent)
  })

  afterEach(async () => {
    silent.close()
    await once(silent, 'close')
  })

  test('a lease ends at its limit', async () => {
    const segments = new MysqlSegmentRepository(open(at(port)), LOGGER)
    const attempt = segments.lease(requestFor('t'), AbortSignal.timeout(100))
    await expect(attempt).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })

  test('a call of the tag repository ends after two seconds, and the socket with it', async () => {
    const connected = once(silent, 'connection')
    const begun = performance.now()
    await expect(tags(open(at(port))).find(parseTagName('t'))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    })
    expect(performance.now() - begun).toBeLessThan(3_000)
    const [socket] = await connected
    await once(socket.resume(), 'close')
  })

  test('after one failed attempt the next host is asked', async () => {
    const url = `${at(port)}?hosts=${new URL(hand.url).host}`
    const segments = new MysqlSegmentRepository(open(url), LOGGER)
    const attempt = segments.lease(requestFor('t'), AbortSignal.timeout(100))
    await expect(attempt).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(await lease(segments, requestFor('t'))).toEqual({ offset: 1n, maxId: 1001n })
  })

  test('a host that refuses is passed over in the same attempt', async () => {
    const url = `${at(1)}?hosts=127.0.0.1:2,${new URL(hand.url).host}`
    const segments = new MysqlSegmentRepository(open(url), LOGGER)
    expect(await lease(segments, requestFor('t'))).toEqual({ offset: 1n, maxId: 1001n })
  })
})

test.each([
  ['a wrong password', (url: URL) => Object.assign(url, { username: 'nobody', password: 'x' })],
  ['an unknown database', (url: URL) => Object.assign(url, { pathname: '/no_such_database' })],
])('%s is a store that does not answer, its cause kept for the log', async (_, spoil) => {
  const { href } = spoil(new URL(hand.url))
  const failure = tags(open(href)).find(parseTagName('t'))
  await expect(failure).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
    cause: { errno: expect.any(Number) },
  })
})

function open(url: string): Database {
  const database = openDatabase(url)
  opened.push(database)
  return database
}

function tags(database: Database): KnexTagRepository {
  return new KnexTagRepository(database, new SystemClock(), { name: 'one', address: '' })
}

/** The test's database, asked for at another port of this machine. */
function at(port: number): string {
  return Object.assign(new URL(hand.url), { hostname: '127.0.0.1', port: String(port) }).href
}

/** Looks again and again, for five seconds at most. */
async function eventually(holds: () => boolean): Promise<void> {
  for (let look = 0; look < 500 && !holds(); look += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  expect(holds()).toBe(true)
}
