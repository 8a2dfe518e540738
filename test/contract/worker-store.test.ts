import { describe, expect, test } from '@jest/globals'
import { numberOf } from '../../internal/repository/database/row.ts'
import { mysqlTestDatabase, sqliteTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { FaultProxy } from '../support/fault-proxy.ts'
import { storesOfTests } from '../support/stores-of-tests.ts'
import { claimFree, newPool, reach } from '../support/worker-claim.ts'
import { lease, requestFor } from './segment-repository.contract.ts'
import { expectNear } from './worker-claims.contract.ts'

const TWITTER = { name: 'twitter', size: 1024 }

const { database, open, atEnd } = storesOfTests()

describe.each([
  ['sqlite', sqliteTestDatabase],
  ['mysql', mysqlTestDatabase],
])('a store in %s, migrated', (kind, testDatabase) => {
  test('has leaf_worker, and says so when that is missing', async () => {
    const hand = await database(testDatabase)
    const store = open(hand)
    await store.migrate()
    expect(await store.check()).toEqual([])
    await hand.query('DROP TABLE leaf_worker')
    await expect(store.check()).rejects.toThrow('Missing tables: leaf_worker.')
  })

  test('has the tag snowflake once, whoever did it and how often', async () => {
    const hand = await database(testDatabase)
    await Promise.all(Array.from({ length: 8 }, () => open(hand).migrate()))
    expect(await hand.query('SELECT biz_tag, mode, layout, deleted_at FROM leaf_tag')).toEqual([
      { biz_tag: 'snowflake', mode: 'snowflake', layout: 'twitter', deleted_at: null },
    ])
  })

  test.each([
    ['of another layout', `'snowflake', 'js-safe', NULL`],
    ['of mode segment', `'segment', NULL, NULL`],
    ['that was deleted', `'snowflake', 'twitter', '2026-11-21 10:00:00'`],
  ])('leaves a row of leaf_tag %s as it is', async (_, values) => {
    const hand = await database(testDatabase)
    await open(hand).migrate()
    await hand.query('DELETE FROM leaf_tag')
    await hand.query(`INSERT INTO leaf_tag (biz_tag, mode, layout, deleted_at)
      VALUES ('snowflake', ${values})`)
    const before = await hand.query('SELECT * FROM leaf_tag')
    await open(hand).migrate()
    expect(await hand.query('SELECT * FROM leaf_tag')).toEqual(before)
  })

  test.each([
    ['snowflake', []],
    ['Snowflake', [{ biz_tag: 'snowflake' }]],
  ])('with a row %s of leaf_alloc has the snowflake tags %j', async (name, tags) => {
    const hand = await database(testDatabase)
    await open(hand).migrate()
    await hand.query('DELETE FROM leaf_tag')
    await hand.query('INSERT INTO leaf_alloc (biz_tag, step) VALUES (?, 1000)', [name])
    await open(hand).migrate()
    expect(await hand.query('SELECT biz_tag FROM leaf_tag')).toEqual(tags)
  })

  test(`has a pool twitter that ${kind === 'sqlite' ? 'never was new' : 'is new'}`, async () => {
    const hand = await database(testDatabase)
    await Promise.all(Array.from({ length: 8 }, () => open(hand).migrate()))
    const { openedMs, free } = await open(hand).workers.survey(TWITTER)
    expect(free).toEqual({ worker: 0, epoch: 0n, reserved: 0, openedMs })
    if (kind === 'sqlite') expect(openedMs).toBe(0)
    else expectNear(openedMs, Date.now())
    await open(hand).migrate()
    expect((await open(hand).workers.survey(TWITTER)).openedMs).toBe(openedMs)
  })

  test('with tables from before has a pool that is new: it may have had holders', async () => {
    const hand = await database(testDatabase)
    await open(hand).migrate()
    await hand.query('DROP TABLE leaf_worker')
    await open(hand).migrate()
    const [header] = await hand.query('SELECT expires_ms FROM leaf_worker')
    expectNear(numberOf(header ?? {}, 'expires_ms'), Date.now())
  })

  test('answers that it is unavailable once it is closed', async () => {
    const store = open(await database(testDatabase))
    await store.migrate()
    await store.workers.survey(TWITTER)
    await store.close()
    await expect(store.workers.survey(TWITTER)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    })
  })
})

describe('the connection for worker ids', () => {
  test('is one, however many renew at once, and ends with the store', async () => {
    const hand = await database(mysqlTestDatabase)
    await open(hand).migrate()
    const proxy = await proxyTo(hand)
    const store = open(proxy)
    const pool = newPool(24)
    const holders = await Promise.all(
      Array.from({ length: 24 }, async (_, only) => {
        const { free } = await store.workers.survey(pool, only)
        const holder = { pool: pool.name, worker: only, owner: 'one', epoch: 1n }
        if (free) await store.workers.claim(holder, free, reach(100))
        return holder
      }),
    )
    const renewed = holders.map((holder) => store.workers.renew(holder, 100, reach(200)))
    expect(await Promise.all(renewed)).toEqual(Array(24).fill(true))
    expect(proxy.open).toBe(1)
    await store.close()
    await eventually(
      async () => proxy.open,
      (count) => count === 0,
    )
  })

  test('is free while all others wait for a row that somebody keeps locked', async () => {
    const hand = await database(mysqlTestDatabase)
    const store = open(hand)
    await store.migrate()
    const holder = await claimFree(store.workers, TWITTER)
    await hand.query(`INSERT INTO leaf_alloc (biz_tag, step) VALUES ('t', 1000)`)
    await hand.query('BEGIN')
    await hand.query(`SELECT * FROM leaf_alloc WHERE biz_tag = 't' FOR UPDATE`)
    let answered = 0
    const leases = Array.from({ length: 24 }, async () => {
      await lease(store.segments, requestFor('t')).finally(() => {
        answered += 1
      })
    })
    await eventually(
      () => waiting(hand),
      (count) => count === 8,
    )
    expect(await store.workers.renew(holder, 100, reach(200))).toBe(true)
    expect(answered).toBe(0)
    await hand.query('COMMIT')
    await Promise.allSettled(leases)
  })
})

async function waiting(hand: TestDatabase): Promise<number> {
  const [row] = await hand.query(`SELECT COUNT(*) AS waiting FROM information_schema.processlist
    WHERE db = DATABASE() AND info LIKE 'UPDATE leaf_alloc%'`)
  return numberOf(row ?? {}, 'waiting')
}

async function proxyTo({ url }: TestDatabase): Promise<FaultProxy> {
  const proxy = await FaultProxy.to(url)
  atEnd(() => proxy.close())
  return proxy
}
