import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { parseStoreUrl } from '../../internal/config/store-url.ts'
import { refusalOf } from '../../internal/domain/generator/servable.ts'
import { openStore, type Store } from '../../internal/repository/store.ts'
import { SystemClock } from '../../pkg/clock/system-clock.ts'
import { mysqlTestDatabase, sqliteTestDatabase, type TestDatabase } from '../support/database.ts'
import { newSnowflakeTag, newTag } from '../support/new-tag.ts'

const OPTIONS = {
  clock: new SystemClock(),
  random: Math.random,
  logger: { warn: () => {} },
  instance: { name: 'a', address: 'here' },
}

/** A row that somebody spoilt by hand is refused by itself: the tags beside it are served on. */
describe.each([
  ['mysql', mysqlTestDatabase],
  ['sqlite', sqliteTestDatabase],
] as const)('%s: a row that cannot be read', (_, open) => {
  let database: TestDatabase
  let store: Store

  beforeEach(async () => {
    database = await open()
    store = openStore(parseStoreUrl(database.url), OPTIONS)
    await store.migrate()
    for (const table of ['leaf_alloc', 'leaf_tag']) await database.query(`DELETE FROM ${table}`)
  })

  afterEach(async () => {
    await store.close()
    await database.drop()
  })

  test('has a fault, and leaves the others as they are', async () => {
    const { tags } = store
    const good = await tags.create(newTag('good'))
    const bad = await tags.create(newTag('spoilt'))
    await database.query("UPDATE leaf_tag SET mode = 'segmnt' WHERE biz_tag = 'spoilt'")
    const found = await tags.confirm([good.name, bad.name])
    expect(found.get(good.name)).toEqual(good)
    const spoilt = found.get(bad.name)
    if (spoilt === undefined) throw new Error('The spoilt tag is missing.')
    expect(refusalOf(spoilt)).toMatchObject({
      code: 'TAG_OPTION_INVALID',
      message: expect.stringContaining('neither segment nor snowflake'),
    })
    expect((await tags.list('', 10)).map(({ name }) => name)).toEqual(['good', 'spoilt'])
  })

  const spelt = 'the layout must be one of twitter, js-safe, seconds, sonyflake'
  test.each([
    ['none', 'NULL', spelt],
    ['an empty one', "''", spelt],
    ['one of an unknown name', "'twiter'", spelt],
    [
      'one of 64 bits',
      "'time:41,worker:10,sequence:13,unit:1,epoch:0'",
      "all of the layout's bits must be from 3 to 63, not 64",
    ],
  ])('is that of a snowflake tag whose layout is %s', async (_, layout, why) => {
    const { tags } = store
    const good = await tags.create(newSnowflakeTag('good'))
    const { name, version } = await tags.create(newSnowflakeTag('spoilt'))
    await database.query(`UPDATE leaf_tag SET layout = ${layout} WHERE biz_tag = 'spoilt'`)
    const fault = `its row cannot be read: ${why}`
    const spoilt = { name, fault: expect.stringContaining(fault) }
    expect(await tags.find(name)).toMatchObject(spoilt)
    expect((await tags.confirm([good.name, name])).get(good.name)).toEqual(good)
    expect(await tags.list('go', 2)).toMatchObject([good, spoilt])
    for (const change of [
      () => tags.update(name, version, {}),
      () => tags.freeze(name),
      () => tags.unfreeze(name),
      () => tags.raise(name, 7n),
      () => tags.delete(name),
      () => tags.create(newTag('spoilt')),
      () => tags.create(newSnowflakeTag('spoilt')),
    ]) {
      await expect(change()).rejects.toMatchObject({
        code: 'TAG_OPTION_INVALID',
        message: expect.stringContaining(`Tag "spoilt": ${fault}`),
      })
    }
  })

  test('is not shown once its tag was deleted', async () => {
    const { tags } = store
    const { name } = await tags.create(newSnowflakeTag('spoilt'))
    await tags.delete(name)
    await database.query("UPDATE leaf_tag SET layout = 'twiter' WHERE biz_tag = 'spoilt'")
    expect(await tags.find(name)).toBeUndefined()
    expect(await tags.list('', 10)).toEqual([])
    // Nobody knows any more how its ids were made.
    await expect(tags.create(newSnowflakeTag('spoilt'))).rejects.toMatchObject({
      code: 'TAG_OPTION_INVALID',
    })
  })
})

test('a row of leaf_alloc under a snowflake tag need not be readable', async () => {
  const database = await sqliteTestDatabase()
  const store = openStore(parseStoreUrl(database.url), OPTIONS)
  try {
    await store.migrate()
    const { tags } = store
    const created = await tags.create(newSnowflakeTag('beaten'))
    await database.query("INSERT INTO leaf_alloc (biz_tag, max_id, step) VALUES ('beaten', 'x', 1)")
    expect(await tags.find(created.name)).toEqual(created)
    expect(await tags.list('beate', 1)).toEqual([created])
    expect(await tags.freeze(created.name)).toMatchObject({ mode: 'snowflake' })
  } finally {
    await store.close()
    await database.drop()
  }
})
