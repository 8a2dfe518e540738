import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { parseTagName } from '../../internal/domain/entity/tag.ts'
import type { Database } from '../../internal/repository/database/database.ts'
import { bigintOf } from '../../internal/repository/database/row.ts'
import { migrate } from '../../internal/repository/migration.ts'
import { MysqlSegmentRepository } from '../../internal/repository/segment/mysql-segment-repository.ts'
import { KnexTagRepository } from '../../internal/repository/tag/knex-tag-repository.ts'
import { SystemClock } from '../../pkg/clock/system-clock.ts'
import { mysqlTestDatabase, type TestDatabase } from '../support/database.ts'
import { openDatabase } from '../support/store-rig.ts'
import { expectDisjoint, lease, requestFor } from './segment-repository.contract.ts'

let hand: TestDatabase
let database: Database
let warnings: string[]
let repository: MysqlSegmentRepository

beforeEach(async () => {
  hand = await mysqlTestDatabase()
  database = openDatabase(hand.url)
  warnings = []
  repository = new MysqlSegmentRepository(database, { warn: (message) => warnings.push(message) })
})

afterEach(async () => {
  await database.close()
  await hand.drop()
})

describe('a server whose defaults lose leases', () => {
  beforeEach(async () => {
    // A connection inherits these when it is made, so they are wrong for as long as that takes only.
    const globals = await hand.query(
      'SELECT @@GLOBAL.autocommit AS autocommit, @@GLOBAL.sql_mode AS mode',
    )
    const { autocommit, mode } = globals[0] ?? {}
    await hand.query(`SET GLOBAL autocommit = 0, GLOBAL sql_mode = ''`)
    try {
      await migrate(database, AbortSignal.timeout(5_000))
    } finally {
      await hand.query('SET GLOBAL autocommit = ?, GLOBAL sql_mode = ?', [
        Number(autocommit),
        String(mode),
      ])
    }
  })

  test('a lease is committed when it is answered', async () => {
    await hand.query(`INSERT INTO leaf_alloc (biz_tag, max_id, step) VALUES ('kept', 1, 1000)`)
    expect(await lease(repository, requestFor('kept'))).toEqual({ offset: 1n, maxId: 1001n })
    await database.close()
    const rows = await hand.query(`SELECT max_id FROM leaf_alloc WHERE biz_tag = 'kept'`)
    expect(rows).toEqual([{ max_id: '1001' }])
  })

  test('the session is set to what leases need', async () => {
    const { rows } = await database.run(AbortSignal.timeout(5_000), (session) =>
      session.run(`SELECT CONCAT_WS(' ', @@autocommit + 0, @@sql_mode, @@time_zone,
        @@innodb_lock_wait_timeout, @@lock_wait_timeout) AS settings`),
    )
    expect(rows[0]?.['settings']).toBe('1 STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION +00:00 1 1')
  })
})

describe('a trigger on leaf_alloc', () => {
  beforeEach(async () => {
    await migrate(database, AbortSignal.timeout(5_000))
    await hand.query(`INSERT INTO leaf_alloc (biz_tag, max_id, step) VALUES ('triggered', 1, 1000)`)
  })

  test('is what makes it lease by transactions; a lease of nothing does not', async () => {
    await lease(repository, requestFor('triggered'))
    await lease(repository, requestFor('nobody'))
    expect(warnings).toEqual([])
    await hand.query(
      `CREATE TRIGGER t BEFORE UPDATE ON leaf_alloc FOR EACH ROW SET NEW.step = 1000`,
    )
    await lease(repository, requestFor('triggered'))
    await lease(repository, requestFor('triggered'))
    expect(warnings).toHaveLength(1)
  })

  test.each([
    ['BEFORE UPDATE', `SET NEW.description = 'changed'`],
    ['AFTER UPDATE', 'INSERT INTO audit (seen) VALUES (1)'],
    ['BEFORE UPDATE', 'INSERT INTO audit (seen) VALUES (LAST_INSERT_ID(70000))'],
  ])('%s … %s: leases are disjoint and inside what the row was moved by', async (when, body) => {
    await hand.query(
      'CREATE TABLE audit (id bigint AUTO_INCREMENT PRIMARY KEY, seen bigint) AUTO_INCREMENT = 50000',
    )
    await hand.query(`CREATE TRIGGER t ${when} ON leaf_alloc FOR EACH ROW ${body}`)
    const leases = []
    for (let turn = 0; turn < 5; turn += 1) {
      const leased = await lease(repository, requestFor('triggered'))
      if (leased) leases.push(leased)
    }
    expect(leases).toHaveLength(5)
    expectDisjoint(leases)
    const rows = await hand.query(`SELECT max_id FROM leaf_alloc WHERE biz_tag = 'triggered'`)
    expect(rows).toEqual([{ max_id: String(leases.at(-1)?.maxId) }])
    expect(leases.at(-1)?.maxId).toBeLessThan(10_000n)
  })
})

describe('a node that lost its cluster: it answers reads from its past and refuses to write', () => {
  const name = parseTagName('t')
  let tags: KnexTagRepository

  beforeEach(async () => {
    await migrate(database, AbortSignal.timeout(5_000))
    await hand.query(`INSERT INTO leaf_alloc (biz_tag, max_id, step) VALUES ('t', 1, 1000)`)
    tags = new KnexTagRepository(database, new SystemClock(), { name: 'one', address: '' })
  })

  async function loseCluster(): Promise<void> {
    await hand.query(`CREATE TRIGGER lost BEFORE INSERT ON leaf_instance FOR EACH ROW
      SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 3100`)
  }

  test('it is believed nothing', async () => {
    await loseCluster()
    const gone = parseTagName('nobody')
    expect(await tags.find(name)).toBeDefined()
    const failure = { code: 'STORE_UNAVAILABLE' }
    await expect(tags.confirm([name])).rejects.toMatchObject(failure)
    await expect(tags.confirm([gone])).rejects.toMatchObject(failure)
    await expect(tags.confirm([gone, name])).rejects.toMatchObject(failure)
    await expect(tags.freezeBehind(gone, 5n, 0n)).rejects.toMatchObject(failure)
  })

  test('each answer that is believed comes with a write that changes something', async () => {
    const seen: bigint[] = []
    for (let turn = 0; turn < 5; turn += 1) {
      await tags.confirm([name])
      const [row] = await hand.query(`SELECT last_seen FROM leaf_instance WHERE name = 'one'`)
      seen.push(bigintOf(row ?? {}, 'last_seen'))
    }
    expect(new Set(seen).size).toBe(5)
  })
})
