import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import { PACKAGE_ROOT } from '../../cmd/idgen/package-root.ts'
import { ensureDisjoint, ensureIncreasing } from '../support/answered.ts'
import { mysqlTestDatabase, sqliteTestDatabase, type TestDatabase } from '../support/database.ts'
import { contentsOf } from '../support/database-contents.ts'
import { eventually } from '../support/eventually.ts'
import { Load } from '../support/load.ts'
import { idgen } from '../support/program.ts'
import { type RunningService, serveReady } from '../support/running-service.ts'
import { type Version, versionBefore } from '../support/version-before.ts'

/**
 * Goal: what deployments/upgrades.md promises between a version and the one before it.
 * Method: both run as processes on one database, whose tables the older one made first.
 */

const older = versionBefore()
const newer: Version = { name: 'this version', root: PACKAGE_ROOT }

const SEGMENT = 'orders'
const SNOWFLAKE = 'snowflake'
const ANSWERS_MIN = 60
const COUNT_MAX = 20_000
/** Programs start and stop one after the other. */
const LIMIT_MS = 90_000
/** The pool of worker ids is new, and is waited for: a lease and 4 s. */
const ARGS = ['--worker-lease-ms', '1000', '--tags-refresh-ms', '200']

const Tag = z.object({ step: z.number(), version: z.string() })

async function migrate({ root }: Version, { url }: TestDatabase): Promise<void> {
  expect(await idgen(['migrate', '--store-url', url], { root })).toMatchObject({ code: 0 })
}

function start({ root }: Version, { url }: TestDatabase): Promise<RunningService> {
  return serveReady([...ARGS, '--segment-sizing', 'fixed', '--store-url', url], { root })
}

/** Starts a version, takes three ids of the tag, and stops it. */
async function takeThree(version: Version, database: TestDatabase): Promise<bigint[]> {
  const service = await start(version, database)
  const ids = []
  for (let count = 0; count < 3; count++) ids.push(await service.nextId(SEGMENT))
  expect((await service.stop()).code).toBe(0)
  return ids
}

describe.each([
  ['MariaDB', mysqlTestDatabase],
  ['SQLite', sqliteTestDatabase],
])(`after ${older.name}, on %s,`, (_, newDatabase) => {
  const databases: TestDatabase[] = []

  afterEach(async () => {
    for (const database of databases.splice(0)) await database.drop()
  })

  /** A database with tables and rows of the older version, which handed out one id. */
  async function used(): Promise<TestDatabase> {
    const database = await empty()
    await migrate(older, database)
    const service = await start(older, database)
    expect((await service.http('POST', '/v1/tags', { tag: SEGMENT, step: 100 })).status).toBe(201)
    expect(await service.nextId(SEGMENT)).toBe(1n)
    expect((await service.http('POST', '/v1/tags', { tag: 'gone' })).status).toBe(201)
    expect((await service.http('DELETE', '/v1/tags/gone')).status).toBe(204)
    expect((await service.stop()).code).toBe(0)
    return database
  }

  async function empty(): Promise<TestDatabase> {
    const database = await newDatabase()
    databases.push(database)
    return database
  }

  test(
    'tables are only added to, and rows stay',
    async () => {
      const [upgraded, fresh] = [await used(), await empty()]
      const before = await contentsOf(upgraded)
      await migrate(newer, upgraded)
      await migrate(newer, fresh)
      const after = await contentsOf(upgraded)

      const { columns, indexes } = await contentsOf(fresh)
      expect(after).toMatchObject({ columns, indexes })
      expect(after.columns).toEqual(expect.arrayContaining([...before.columns]))
      expect(after.indexes).toEqual(expect.arrayContaining([...before.indexes]))
      const isOld = (table: unknown) => before.columns.some(({ t }) => t === table)
      const added = after.columns.filter(
        ({ t, name }) =>
          isOld(t) && !before.columns.some((old) => old['t'] === t && old['name'] === name),
      )
      // Else the older version could not insert a row any more.
      expect(
        added.filter(({ nullable, fallback }) => nullable === 'NO' && fallback === null),
      ).toEqual([])
      for (const [table, rows] of Object.entries(before.rows)) {
        const kept = rows.map((row) => expect.objectContaining(row))
        expect(after.rows[table]).toEqual(expect.arrayContaining(kept))
      }
    },
    LIMIT_MS,
  )

  test(
    'what one version gives back the other takes, and the older one runs after the upgrade',
    async () => {
      const database = await used()
      const ids = await takeThree(older, database)
      await migrate(newer, database)
      ids.push(...(await takeThree(newer, database)))
      ids.push(...(await takeThree(older, database)))
      expect(ids).toEqual(Array.from({ length: 9 }, (_, index) => BigInt(index + 2)))
    },
    LIMIT_MS,
  )
})

describe(`beside ${older.name}, on one MariaDB,`, () => {
  let database: TestDatabase
  let both: readonly RunningService[] = []

  beforeAll(async () => {
    database = await mysqlTestDatabase()
    await migrate(older, database)
    const first = await start(older, database)
    await migrate(newer, database)
    both = [first, await start(newer, database)]
  }, LIMIT_MS)

  afterAll(async () => {
    await Promise.all(both.map((service) => service.stop('SIGKILL')))
    await database.drop()
  })

  test('both hand out ids of the same tags at the same time, none twice', async () => {
    await both[0]?.http('POST', '/v1/tags', { tag: SEGMENT, step: 1000 })
    const loads = both.map(
      ({ grpcAddress }) =>
        new Load(Number(grpcAddress.split(':')[1]), [SEGMENT, SNOWFLAKE], COUNT_MAX),
    )
    const counts = () =>
      loads.flatMap((load) => [SEGMENT, SNOWFLAKE].map((tag) => load.answers(tag).length))
    try {
      await eventually(
        async () => counts(),
        (all) => all.every((count) => count >= ANSWERS_MIN),
      )
    } finally {
      await Promise.all(loads.map((load) => load.stop()))
    }
    for (const tag of [SEGMENT, SNOWFLAKE]) {
      const answers = loads.map((load) => load.answers(tag))
      ensureDisjoint(answers.flat().flatMap(({ ranges }) => ranges))
      for (const ofOne of answers) ensureIncreasing(ofOne)
    }
    // The pool is new at first.
    expect(['WORKER_LEASE_LOST']).toEqual(
      expect.arrayContaining([...new Set(loads.flatMap(({ refusals }) => refusals))]),
    )
  })

  test.each([
    ['the older one', 0, 1],
    ['the newer one', 1, 0],
  ])('a change of a tag through %s holds in the other', async (_, from, to) => {
    const [one, other] = [both[from], both[to]]
    if (one === undefined || other === undefined) throw new Error('They did not start.')
    const tag = `changed-${from}`
    const path = `/v1/tags/${tag}`
    const outcome = () => other.nextId(tag).then(String, ({ message }: Error) => message)
    const learns = (wanted: RegExp) => eventually(outcome, (said) => wanted.test(said))

    expect((await one.http('POST', '/v1/tags', { tag, step: 10 })).status).toBe(201)
    await learns(/^\d+$/)
    const { version } = Tag.parse((await other.http('GET', path)).body)
    expect((await one.http('PATCH', path, { version, step: 20 })).status).toBe(200)
    expect(Tag.parse((await other.http('GET', path)).body).step).toBe(20)
    expect((await one.http('POST', `${path}:freeze`)).status).toBe(200)
    await learns(/^TAG_FROZEN$/)
    expect((await one.http('POST', `${path}:unfreeze`)).status).toBe(200)
    await learns(/^\d+$/)
    expect((await one.http('POST', `${path}:raise`, { above: '1000000' })).status).toBe(200)
    await learns(/^\d{7}$/)
    expect((await one.http('DELETE', path)).status).toBe(204)
    await learns(/^TAG_NOT_FOUND$/)
  })
})
