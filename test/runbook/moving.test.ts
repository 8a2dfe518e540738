import { randomBytes } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { bigintOf } from '../../internal/repository/database/row.ts'
import type { TestDatabase } from '../support/database.ts'
import { atEnd, Site } from './site.ts'
import { chapter, type Walk } from './walk.ts'

const LEAF_ALLOC = `CREATE TABLE leaf_alloc (
  biz_tag varchar(128) NOT NULL DEFAULT '', max_id bigint(20) NOT NULL DEFAULT '1',
  step int(11) NOT NULL, description varchar(256) DEFAULT NULL,
  update_time timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (biz_tag)) ENGINE=InnoDB`
const STEP = 10n
const LAST = 31n
const AFTER_THE_GAP = 1_005_000_001n

/** A lease as Leaf's Java server makes it, and the ids that it hands out of that. */
async function leaseOfLeaf({ query }: TestDatabase): Promise<bigint[]> {
  await query('UPDATE leaf_alloc SET max_id = max_id + step')
  const [row] = await query('SELECT max_id FROM leaf_alloc')
  const first = bigintOf(row ?? {}, 'max_id') - STEP
  return Array.from({ length: Number(STEP) }, (_, i) => first + BigInt(i))
}

async function withLeaf() {
  const site = await Site.empty()
  await site.database.query(LEAF_ALLOC)
  await site.database.query(
    `INSERT INTO leaf_alloc (biz_tag, max_id, step) VALUES ('order-service', 1, ${STEP})`,
  )
  return { site, ids: await leaseOfLeaf(site.database) }
}

function expectDistinct(ids: readonly bigint[]): void {
  expect(new Set(ids).size).toBe(ids.length)
}

async function fromLeaf(walk: Walk): Promise<void> {
  const { site, ids } = await withLeaf()
  const before = await site.database.query('SHOW CREATE TABLE leaf_alloc')
  const [[row] = []] = await walk.sql(site)
  const boundary = bigintOf(row ?? {}, 'max_id')
  await walk.run(site)
  await walk.serve(site)
  const first = BigInt((await walk.run(site)).trim())
  expect(first).toBe(boundary + 1n)
  expectDistinct([...ids, first, ...(await site.take(30))])
  expect(await site.database.query('SHOW CREATE TABLE leaf_alloc')).toEqual(before)
}

async function rehearsal(walk: Walk): Promise<void> {
  const { site, ids } = await withLeaf()
  const { database } = site
  const copy = `goloves_rehearsal_${randomBytes(4).toString('hex')}`
  walk.replace('goloves_rehearsal', copy)
  atEnd(() => database.query(`DROP DATABASE IF EXISTS ${copy}`))
  const elsewhere = await site.another()
  walk.replace('50052', elsewhere.env['GOLOVES_GRPC_PORT'] ?? '')
  walk.replace('8081', elsewhere.env['GOLOVES_HTTP_PORT'] ?? '')
  site.env['REHEARSAL_URL'] = database.url.replace(site.env['DB'] ?? '', copy)
  await walk.run(site)
  await walk.run(site)
  const service = await walk.serve(site)
  expect(await walk.run(site)).toMatch(/^order-service\tsegment\t10\t11\t.*^12\n13\n14\n$/ms)
  expect((await service.stop()).code).toBe(0)
  await walk.run(site)
  // Leaf has not noticed anything.
  const later = await leaseOfLeaf(database)
  expect(later[0]).toBe(11n)
  expectDistinct([...ids, ...later])
}

async function backToLeaf(walk: Walk): Promise<void> {
  const { site, ids } = await usedToTheLast()
  await walk.sql(site)
  const later = await leaseOfLeaf(site.database)
  expect(later[0]).toBe(LAST + 1n)
  expectDistinct([...ids, ...later])
}

/** Leaf's table after Goloves has handed out all that it ever leased, and has stopped. */
async function usedToTheLast() {
  const { site, ids } = await withLeaf()
  await site.run('bin/idgen migrate')
  const service = await site.serve()
  await site.run(`bin/idgen tag set $TAG --max-value ${LAST}`)
  ids.push(...(await site.take(20)))
  expect(ids.at(-1)).toBe(LAST)
  expect((await service.stop()).code).toBe(0)
  return { site, ids }
}

/** A table whose ids the database makes, with some rows, of which the last was deleted. */
async function withOrders(nextId: bigint) {
  const site = await Site.migrated()
  const { database } = site
  await database.query(`CREATE TABLE orders (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    writer VARCHAR(10)) AUTO_INCREMENT = ${nextId - 2n}`)
  const old = new OrderWriter(database)
  for (let i = 0; i < 2; i += 1) await old.insertWithoutId()
  await database.query('DELETE FROM orders WHERE id = ?', [String(nextId - 1n)])
  await site.serve()
  return { site, old }
}

class OrderWriter {
  readonly #database: TestDatabase

  constructor(database: TestDatabase) {
    this.#database = database
  }

  async insertWithoutId(): Promise<bigint> {
    await this.#database.query(`INSERT INTO orders (writer) VALUES ('old')`)
    const [row] = await this.#database.query('SELECT LAST_INSERT_ID() AS id')
    return bigintOf(row ?? {}, 'id')
  }

  async insert(id: bigint): Promise<void> {
    await this.#database.query(`INSERT INTO orders VALUES (?, 'new')`, [String(id)])
  }
}

async function withStop(walk: Walk): Promise<void> {
  const { site, old } = await withOrders(5_000_000n)
  const [[table] = [], [row] = []] = await walk.sql(site)
  expect(String(Object.values(table ?? {})[1])).toContain('AUTO_INCREMENT=5000000')
  expect(bigintOf({ max: row?.['MAX(id)'] ?? null }, 'max')).toBe(4_999_998n)
  expect(await walk.run(site)).toMatch(/^max_id: 5000000$/m)
  await walk.sql(site)
  expect(await walk.run(site)).toBe('5000001\n')
  await old.insert(5_000_001n)
  await expect(old.insertWithoutId()).rejects.toThrow(/default value/)
}

async function whileWriting(walk: Walk): Promise<void> {
  const { site, old } = await withOrders(4_200_000n)
  await walk.sql(site)
  await old.insertWithoutId()
  await walk.sql(site)
  expect(await old.insertWithoutId()).toBe(AFTER_THE_GAP)
  const [[inTheGap] = []] = await walk.sql(site)
  expect(Number(inTheGap?.['rows_in_the_gap'])).toBe(0)
  await walk.run(site)
  await old.insert(BigInt((await walk.run(site)).trim()))
  for (let i = 1n; i <= 5n; i += 1n) {
    const [id = 0n] = await site.take(1, 'orders')
    expect(id).toBe(5_000_001n + i)
    await old.insert(id)
    expect(await old.insertWithoutId()).toBe(AFTER_THE_GAP + i)
  }
  const [, [highest] = []] = await walk.sql(site)
  expect(bigintOf({ max: highest?.['MAX(id)'] ?? null }, 'max')).toBe(AFTER_THE_GAP + 5n)
  await walk.run(site)
  const [id = 0n] = await site.take(1, 'orders')
  expect(id).toBe(2_000_000_001n)
  await old.insert(id)
}

async function backToAutoIncrement(walk: Walk): Promise<void> {
  const { site, old } = await withOrders(10n)
  await site.database.query('ALTER TABLE orders MODIFY id BIGINT NOT NULL')
  await site.run('bin/idgen tag create orders --max-id 2000000000')
  for (const id of await site.take(3, 'orders')) await old.insert(id)
  const [, maxId] = /^max_id: (\d+)$/m.exec(await walk.run(site)) ?? []
  expect(Number(maxId)).toBeLessThan(3_000_000_000)
  await walk.sql(site)
  expect(await old.insertWithoutId()).toBe(3_000_000_000n)
}

chapter('Moving', {
  'From Leaf': fromLeaf,
  'Rehearse the move from Leaf': rehearsal,
  'Back to Leaf': backToLeaf,
  'From auto_increment, with a stop': withStop,
  'From auto_increment, while writers insert': whileWriting,
  'Back to auto_increment': backToAutoIncrement,
})

describe('what the runbook warns of is so:', () => {
  test('Leaf hands out the last id of Goloves again where nobody has moved the boundary', async () => {
    const { site } = await usedToTheLast()
    expect((await leaseOfLeaf(site.database))[0]).toBe(LAST)
  })

  test('writers without an id take those of a tag that begins above them', async () => {
    const { site, old } = await withOrders(10n)
    await site.run('bin/idgen tag create orders --max-id 1000')
    const [first = 0n, second = 0n] = await site.take(2, 'orders')
    await old.insert(first)
    expect(await old.insertWithoutId()).toBe(second)
    await expect(old.insert(second)).rejects.toThrow(/[Dd]uplicate/)
  })
})
