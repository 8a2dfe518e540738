import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { parseStoreUrl } from '../../internal/config/store-url.ts'
import { refusalOf } from '../../internal/domain/generator/servable.ts'
import { openStore, type Store } from '../../internal/repository/store.ts'
import { SystemClock } from '../../pkg/clock/system-clock.ts'
import { mysqlTestDatabase, sqliteTestDatabase, type TestDatabase } from '../support/database.ts'
import { newTag } from '../support/new-tag.ts'

/** A row that somebody spoilt by hand is refused by itself: the tags beside it are served on. */
describe.each([
  ['mysql', mysqlTestDatabase],
  ['sqlite', sqliteTestDatabase],
] as const)('%s: a row that cannot be read', (_, open) => {
  let database: TestDatabase
  let store: Store

  beforeEach(async () => {
    database = await open()
    store = openStore(parseStoreUrl(database.url), {
      clock: new SystemClock(),
      random: Math.random,
      logger: { warn: () => {} },
      instance: { name: 'a', address: 'here' },
    })
    await store.migrate()
    await database.query("DELETE FROM leaf_alloc WHERE biz_tag = 'order-service'")
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
})
