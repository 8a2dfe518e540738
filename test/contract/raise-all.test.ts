import { describe, expect, test } from '@jest/globals'
import { parseTagName } from '../../internal/domain/entity/tag.ts'
import type { Store } from '../../internal/repository/store.ts'
import { raiseAll, type TagRaise } from '../../internal/repository/tag/raise-all.ts'
import { SystemClock } from '../../pkg/clock/system-clock.ts'
import { mysqlTestDatabase, sqliteTestDatabase } from '../support/database.ts'
import { newSnowflakeTag, newTag } from '../support/new-tag.ts'
import { openDatabase } from '../support/store-rig.ts'
import { storesOfTests } from '../support/stores-of-tests.ts'
import { TwiceDatabase } from '../support/twice-database.ts'
import { freeOf, holderOf, newPool, reach } from '../support/worker-claim.ts'

const { database, open, atEnd } = storesOfTests()

const BY = 2n ** 53n

async function all(raises: AsyncIterable<TagRaise>): Promise<TagRaise[]> {
  const found = []
  for await (const raise of raises) found.push(raise)
  return found
}

/** A tag that was deleted with this as its highest id. */
async function deleted(store: Store, name: string, maxId: bigint): Promise<void> {
  const tag = await store.tags.create(newTag(name, { maxId }))
  await store.tags.delete(tag.name)
}

describe.each([
  ['sqlite', sqliteTestDatabase],
  ['mysql', mysqlTestDatabase],
])('raising all tags of %s', (_, testDatabase) => {
  async function migrated() {
    const hand = await database(testDatabase)
    const store = open(hand)
    await store.migrate()
    await hand.query('DELETE FROM leaf_alloc')
    return { hand, store }
  }

  test('moves each on from the highest id that it knows, also a deleted one, and bumps its generation', async () => {
    const { hand, store } = await migrated()
    const { tags } = store
    const used = await tags.create(newTag('used', { maxId: 1001n }))
    await deleted(store, 'gone', 500n)
    await deleted(store, 'reborn', 700n)
    const reborn = await tags.create(newTag('reborn'))
    await hand.query(`UPDATE leaf_alloc SET max_id = 3 WHERE biz_tag = 'reborn'`)
    await hand.query(`INSERT INTO leaf_alloc (biz_tag, max_id, step) VALUES ('by-hand', -5, 10)`)

    const live = { isDeleted: false, isFrozen: false }
    expect(await all(store.raiseAll(BY))).toStrictEqual([
      { tag: 'by-hand', before: 0n, now: BY, ...live },
      { tag: 'gone', before: 500n, now: 500n + BY, isFrozen: false, isDeleted: true },
      { tag: 'reborn', before: 700n, now: 700n + BY, ...live },
      { tag: 'used', before: 1001n, now: 1001n + BY, ...live },
    ])
    expect(await tags.find(used.name)).toEqual({
      ...used,
      maxId: 1001n + BY,
      generation: used.generation + 1n,
      version: used.version + 1n,
    })
    expect(await tags.find(reborn.name)).toMatchObject({ maxId: 700n + BY })
    const again = await tags.create(newTag('gone'))
    expect(again).toMatchObject({ maxId: 500n + BY, deletedMaxId: 500n + BY })
  })

  test("lifts the freeze of a store that went backwards, above what was lost, and no operator's", async () => {
    const { store } = await migrated()
    const { tags } = store
    const lost = await tags.create(newTag('lost', { maxId: 10n }))
    await tags.freezeBehind(lost.name, 2n ** 60n, lost.generation)
    const { name: frozen } = await tags.create(newTag('frozen', { maxId: 10n }))
    await tags.freeze(frozen)
    await deleted(store, 'lost-and-gone', 10n)

    expect(await all(store.raiseAll(BY))).toMatchObject([
      { tag: 'frozen', before: 10n, now: 10n + BY, isFrozen: true },
      { tag: 'lost', before: 2n ** 60n, now: 2n ** 60n + BY, isFrozen: false },
      { tag: 'lost-and-gone', before: 10n, now: 10n + BY, isDeleted: true },
    ])
    expect((await tags.find(lost.name))?.freeze).toBeUndefined()
    expect((await tags.find(frozen))?.freeze).toEqual({ reason: 'operator' })
  })

  test('goes on where a tag cannot be raised, says why, and leaves it as it was', async () => {
    const { hand, store } = await migrated()
    const { tags } = store
    const capped = await tags.create(newTag('capped', { maxId: 90n, maxValue: 100n }))
    await deleted(store, 'full', 2n ** 63n - 2n)
    await tags.create(newTag('unreadable'))
    await hand.query(`UPDATE leaf_tag SET mode = 'nonsense' WHERE biz_tag = 'unreadable'`)
    await tags.create(newTag('well'))
    const refused = { error: expect.objectContaining({ code: 'TAG_OPTION_INVALID' }) }
    expect(await all(store.raiseAll(11n))).toMatchObject([
      { tag: 'capped', ...refused },
      { tag: 'full', ...refused },
      { tag: 'unreadable', ...refused },
      { tag: 'well', now: 11n },
    ])
    expect(await tags.find(capped.name)).toEqual(capped)
  })

  test('leaves snowflake tags alone, also deleted ones, and names that are none', async () => {
    const { hand, store } = await migrated()
    const { name } = await store.tags.create(newSnowflakeTag('flakes', 'js-safe'))
    await store.tags.delete(name)
    await hand.query(
      `INSERT INTO leaf_alloc (biz_tag, step) VALUES ('has space', 1), ('flakes', 1)`,
    )
    expect(await all(store.raiseAll(BY))).toEqual([])
    const rows = await hand.query('SELECT max_id FROM leaf_alloc')
    expect(rows.map(({ max_id }) => Number(max_id))).toEqual([1, 1])
  })

  test('makes nothing of what was given back before', async () => {
    const { store } = await migrated()
    const { name, generation } = await store.tags.create(newTag('rest', { maxId: 100n }))
    const rest = { tag: name, range: { first: 51n, last: 100n, step: 1n }, generation }
    await store.rests.giveBack([rest])
    await all(store.raiseAll(BY))
    const tag = await store.tags.find(name)
    if (tag === undefined) throw new Error('The tag is gone.')
    expect(await store.rests.take(tag, 0n, AbortSignal.timeout(5_000))).toBeUndefined()
  })

  test('opens the pools of worker ids anew and keeps what is known of them', async () => {
    const { hand, store } = await migrated()
    const pool = newPool()
    const free = freeOf(await store.workers.survey(pool))
    await store.workers.claim(holderOf(pool, free), free, reach(100))
    await hand.query('UPDATE leaf_worker SET expires_ms = 0 WHERE worker_id = -1')
    const stale = freeOf(await store.workers.survey(pool))
    const rows = () => hand.query('SELECT * FROM leaf_worker WHERE worker_id <> -1')
    const before = await rows()
    await all(store.raiseAll(1n))
    const { openedMs, nowMs } = await store.workers.survey(pool)
    expect(nowMs - openedMs).toBeLessThan(10_000)
    expect(await rows()).toEqual(before)
    expect(await store.workers.claim(holderOf(pool, stale), stale, reach(100))).toBe(false)
  })

  test('does the same when each statement is executed twice', async () => {
    const { hand, store } = await migrated()
    await store.tags.create(newTag('live', { maxId: 5n }))
    await deleted(store, 'gone', 7n)
    const twice = openDatabase(hand.url)
    atEnd(() => twice.close())
    const raised = await all(raiseAll(new TwiceDatabase(twice, 'first'), new SystemClock(), 100n))
    expect(raised).toMatchObject([
      { tag: 'gone', now: 107n },
      { tag: 'live', now: 105n },
    ])
    expect(await store.tags.find(parseTagName('live'))).toMatchObject({ maxId: 105n })
  })

  test('fails at once where there is no store to speak of', async () => {
    const { store } = await migrated()
    await store.close()
    await expect(all(store.raiseAll(BY))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })
})
