import { describe, expect, test } from '@jest/globals'
import { parseTagName } from '../../internal/domain/entity/tag.ts'
import type { Store } from '../../internal/repository/store.ts'
import { mysqlTestDatabase, sqliteTestDatabase, type TestDatabase } from '../support/database.ts'
import { newTag } from '../support/new-tag.ts'
import { storesOfTests } from '../support/stores-of-tests.ts'
import { lease, requestFor } from './segment-repository.contract.ts'

const { database, open } = storesOfTests()

describe.each([
  ['sqlite', sqliteTestDatabase],
  ['mysql', mysqlTestDatabase],
])('a store in %s', (kind, testDatabase) => {
  test('8 instances that create its tables at once all succeed', async () => {
    const hand = await database(testDatabase)
    const stores = Array.from({ length: 8 }, () => open(hand))
    await expect(open(hand).check()).rejects.toThrow('Missing tables')
    await Promise.all(stores.map((store) => store.migrate()))
    for (const store of stores) expect(await store.check()).toEqual([])
  })

  test('before its tables are there, the check says so', async () => {
    const store = open(await database(testDatabase))
    await expect(store.check()).rejects.toThrow(
      'Missing tables: leaf_alloc, leaf_tag, leaf_instance, leaf_worker, leaf_ledger, leaf_returned. ' +
        'Run "idgen migrate".',
    )
  })

  test('a healthy one has nothing to complain of, the rows it cannot serve aside', async () => {
    const hand = await database(testDatabase)
    const store = open(hand)
    await store.migrate()
    expect(await store.check()).toEqual([])
    for (const row of [
      ['has space', 1, 1],
      ['', 1, 1],
      ['negative', -1, 1],
      ['zero', 0, 1],
      ['below', 1, -1],
      ['ok', 1, 0],
    ]) {
      await hand.query('INSERT INTO leaf_alloc (biz_tag, step, max_id) VALUES (?, ?, ?)', row)
    }
    const findings = await store.check()
    expect(
      findings.map(({ message }) => message.replace(/^Row (.*) of.*: (.*)\.$/, '$1 $2')).toSorted(),
    ).toEqual([
      '"" its name is no tag',
      '"below" its max_id is -1',
      '"has space" its name is no tag',
      '"negative" its step is -1',
      '"zero" its step is 0',
    ])
    expect(findings.every(({ severity }) => severity === 'warn')).toBe(true)
  })

  test('closed, it answers that it is unavailable', async () => {
    const store = open(await database(testDatabase))
    await store.migrate()
    await store.close()
    const found = store.tags.find(parseTagName('t'))
    await expect(found).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })

  test(`the seed's row is in a new ${kind} store ${kind === 'sqlite' ? 'once' : 'never'}`, async () => {
    const hand = await database(testDatabase)
    const count = async () => (await hand.query('SELECT * FROM leaf_alloc')).length
    await open(hand).migrate()
    expect(await count()).toBe(kind === 'sqlite' ? 1 : 0)
    await hand.query('DELETE FROM leaf_alloc')
    await open(hand).migrate()
    expect(await count()).toBe(0)
  })
})

test('a server without the tables, which somebody else may create, asks to be tried again', async () => {
  const store = open(await database(mysqlTestDatabase))
  const found = store.tags.find(parseTagName('t'))
  await expect(found).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
})

describe('a leaf_alloc that was there before', () => {
  const STOCK = `CREATE TABLE leaf_alloc (
    biz_tag varchar(128) NOT NULL DEFAULT '', max_id bigint(20) NOT NULL DEFAULT '1',
    step int(11) NOT NULL, description varchar(256) DEFAULT NULL, owner varchar(20) DEFAULT 'me',
    update_time timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    PRIMARY KEY (biz_tag)) ENGINE=InnoDB DEFAULT CHARSET=`

  test.each(['latin1', 'utf8mb3', 'utf8mb4'])(
    'is served as it is, in %s, and left unaltered',
    async (charset) => {
      const hand = await database(() => mysqlTestDatabase(charset))
      await hand.query(`${STOCK}${charset}`)
      await hand.query(`INSERT INTO leaf_alloc (biz_tag, max_id, step, description) VALUES
      ('leaf-segment-test', 1, 2000, 'Test leaf Segment Mode Get Id'), ('Größe', 7, 10, NULL)`)
      const before = await hand.query('SHOW CREATE TABLE leaf_alloc')
      const store = open(hand)
      await store.migrate()
      const name = parseTagName('leaf-segment-test')
      expect(await lease(store.segments, requestFor(name, { knownStep: 2000 }))).toBeDefined()
      expect((await store.tags.find(name))?.maxId).toBe(1001n)
      expect((await store.tags.confirm([name])).size).toBe(1)
      expect((await store.tags.list('', 10)).map((tag) => tag.name)).toEqual([name, 'snowflake'])
      expect((await store.tags.raise(name, 5000n)).maxId).toBe(5000n)
      expect(await store.check()).toMatchObject([{ name: 'tag-not-served' }])
      expect(await hand.query('SHOW CREATE TABLE leaf_alloc')).toEqual(before)
    },
  )

  test('does not tell names apart by case: creating such a tag says why it cannot be', async () => {
    const hand = await database(mysqlTestDatabase)
    const store = open(hand)
    await store.migrate()
    await hand.query(`INSERT INTO leaf_alloc (biz_tag, step) VALUES ('order-service', 1000)`)
    const created = store.tags.create(newTag('ORDER-service'))
    await expect(created).rejects.toMatchObject({
      code: 'TAG_ALREADY_EXISTS',
      message: expect.stringContaining('"order-service"'),
    })
  })

  test('may lack characters that a description needs, which its writer is told', async () => {
    const store = open(await database(() => mysqlTestDatabase('latin1')))
    await store.migrate()
    const created = store.tags.create(newTag('t', { description: '🎈' }))
    await expect(created).rejects.toMatchObject({ code: 'TAG_OPTION_INVALID' })
    const { name, version } = await store.tags.create(newTag('t'))
    const updated = store.tags.update(name, version, { description: '🎈' })
    await expect(updated).rejects.toMatchObject({ code: 'TAG_OPTION_INVALID' })
  })
})

test.each([
  ['innodb_flush_log_at_trx_commit', 0, { name: 'commits-lost-on-crash', severity: 'refuse' }],
  ['innodb_flush_log_at_trx_commit', 2, { name: 'commits-lost-on-power-cut', severity: 'warn' }],
  ['read_only', 1, { name: 'read-only', severity: 'warn' }],
])('a server with %s = %d is complained of', async (variable, value, finding) => {
  const hand = await database(mysqlTestDatabase)
  const store = open(hand)
  await store.migrate()
  await store.check()
  expect(await checkedWith(variable, value, hand, store)).toMatchObject([finding])
})

test('semi-synchronous replication that goes on without a replica is complained of', async () => {
  const hand = await database(mysqlTestDatabase)
  const store = open(hand)
  await store.migrate()
  const known = await hand.query(`SHOW VARIABLES LIKE 'rpl_semi_sync_master_enabled'`)
  const isMariadb = known.length > 0
  // MySQL knows it only once this is loaded.
  const plugin = 'rpl_semi_sync_source'
  if (!isMariadb) await hand.query(`INSTALL PLUGIN ${plugin} SONAME 'semisync_source.so'`)
  const variable = `rpl_semi_sync_${isMariadb ? 'master' : 'source'}_enabled`
  const findings = await checkedWith(variable, 1, hand, store)
  if (!isMariadb) await hand.query(`UNINSTALL PLUGIN ${plugin}`)
  expect(findings).toMatchObject([{ name: 'replica-not-awaited', severity: 'warn' }])
})

/** What a check says while a variable of the server has this value. */
async function checkedWith(variable: string, value: number, hand: TestDatabase, store: Store) {
  const [row] = await hand.query(`SELECT @@GLOBAL.${variable} AS kept`)
  // Everything on this server sees it, so only for as long as one check takes.
  await hand.query(`SET GLOBAL ${variable} = ?`, [value])
  try {
    return await store.check()
  } finally {
    await hand.query(`SET GLOBAL ${variable} = ?`, [Number(row?.['kept'])])
  }
}
