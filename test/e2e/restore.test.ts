import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, jest, test } from '@jest/globals'
import { withoutPassword } from '../../internal/config/store-url.ts'
import { mysqlTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { type Ended, idgen, newFolder } from '../support/program.ts'
import { type RunningService, serveReady } from '../support/running-service.ts'

// A backup that is older than the ids that left. What the runbook says of it is executed in test/runbook.

const TAG = 'order-service'
const DELETED = 'gone'
const LEASE = ['--worker-lease-ms', '1000']
/** A lease, and the skew of two clocks. */
const NEW_LEASE_MS = 5000

// Several starts, one after the other.
jest.setTimeout(120_000)

/** All that left of each tag. */
type Taken = Map<string, bigint[]>

let database: TestDatabase | undefined

afterEach(async () => {
  await database?.drop()
  database = undefined
})

async function take(service: RunningService, taken: Taken, tag: string, count: number) {
  const ids = taken.get(tag) ?? []
  taken.set(tag, ids)
  for (let i = 0; i < count; i += 1) ids.push(await service.nextId(tag))
}

/** Takes ids of a tag that is deleted before and after. */
async function takeOfDeleted(service: RunningService, taken: Taken): Promise<void> {
  expect((await service.idgen('tag', 'create', DELETED)).code).toBe(0)
  await take(service, taken, DELETED, 5)
  expect((await service.idgen('tag', 'delete', DELETED)).code).toBe(0)
}

function repeated(taken: Taken, tag: string): number {
  const ids = taken.get(tag) ?? []
  return ids.length - new Set(ids).size
}

/** A file that was used, copied, used again and restored from the copy; nothing runs on it. */
async function restored(): Promise<{ folder: string; taken: Taken }> {
  const folder = newFolder()
  const taken: Taken = new Map()
  const file = join(folder, 'data', 'goloves.db')
  const first = await serveReady(LEASE, { folder })
  await take(first, taken, TAG, 3)
  await take(first, taken, 'snowflake', 3)
  await takeOfDeleted(first, taken)
  // What it had in memory is given back, and is in the copy too.
  expect((await first.stop()).code).toBe(0)
  copyFileSync(file, `${file}.copy`)

  const second = await serveReady(LEASE, { folder })
  await take(second, taken, TAG, 300)
  await take(second, taken, 'snowflake', 3)
  await takeOfDeleted(second, taken)
  expect((await second.stop()).code).toBe(0)
  copyFileSync(`${file}.copy`, file)
  return { folder, taken }
}

function raiseAll(by: string, ...args: string[]): Promise<Ended> {
  return idgen(['tag', 'raise', '--all', '--by', by, ...args])
}

test('a store that was restored and raised hands out nothing twice', async () => {
  const { folder, taken } = await restored()
  const url = `sqlite:${join(folder, 'data', 'goloves.db')}`
  const begunMs = Date.now()
  const { code, stdout, stderr } = await raiseAll('1000000', '--store-url', url, ...LEASE)
  expect(`${code} ${stderr}`).toBe('0 ')
  expect(stdout.trimEnd().split('\n')).toStrictEqual([
    `store: ${join(folder, 'data', 'goloves.db')}`,
    'tag\tbefore\tnow\tnote',
    expect.stringMatching(/^gone\t\d{1,5}\t10\d{5}\tdeleted$/),
    expect.stringMatching(/^order-service\t\d{1,5}\t10\d{5}\t$/),
    'tags raised: 2 of 2',
    'worker ids: none is leased anew in the next 5 s',
  ])

  const service = await serveReady(LEASE, { folder })
  await take(service, taken, TAG, 300)
  await takeOfDeleted(service, taken)
  const isThere = () =>
    take(service, taken, 'snowflake', 1).then(
      () => true,
      () => false,
    )
  await eventually(isThere, (is) => is)
  expect(Date.now() - begunMs).toBeGreaterThan(NEW_LEASE_MS)
  for (const tag of taken.keys()) expect(`${tag} ${repeated(taken, tag)}`).toBe(`${tag} 0`)
})

test('a store that was restored and not raised hands out ids twice', async () => {
  const { folder, taken } = await restored()
  const service = await serveReady(LEASE, { folder })
  await take(service, taken, TAG, 300)
  await takeOfDeleted(service, taken)
  expect(repeated(taken, TAG)).toBe(300)
  expect(repeated(taken, DELETED)).toBe(5)
})

test('who ran on through it notices what it lost itself, and a raise of all ends that', async () => {
  database = await mysqlTestDatabase()
  const { url } = database
  expect((await idgen(['migrate', '--store-url', url])).code).toBe(0)
  const service = await serveReady(['--store-url', url, '--segment-sizing', 'fixed'])
  await service.idgen('tag', 'create', TAG, '--step', '10')
  const taken: Taken = new Map()
  await take(service, taken, TAG, 100)
  await database.query('UPDATE leaf_alloc SET max_id = 10')
  const goOn = async () => {
    for (;;) await take(service, taken, TAG, 1)
  }
  await expect(goOn()).rejects.toThrow('STORE_WENT_BACKWARDS')

  expect((await raiseAll('1000', '--store-url', url)).code).toBe(0)
  const isThere = () =>
    take(service, taken, TAG, 1).then(
      () => true,
      () => false,
    )
  await eventually(isThere, (is) => is)
  expect(repeated(taken, TAG)).toBe(0)
  expect(taken.get(TAG)?.at(-1)).toBeGreaterThan(1000n)
})

test('tags that could not be raised are named, and the exit code says so', async () => {
  const folder = newFolder()
  const service = await serveReady([], { folder })
  await service.idgen('tag', 'create', 'capped', '--max-value', '500')
  const url = `sqlite:${join(folder, 'data', 'goloves.db')}`
  const { code, stdout, stderr } = await raiseAll('501', '--store-url', url)
  expect(`${code} ${stderr}`).toBe('1 Not raised: 1 of 2 tags.\n')
  expect(stdout).toMatch(
    /^capped\t\t\tnot raised, TAG_OPTION_INVALID: .* up to its max_value, 500\.?$/m,
  )
  expect(stdout).toMatch(/^order-service\t1\t502\t$/m)
})

test('without tables there is nothing to raise, which it says', async () => {
  database = await mysqlTestDatabase()
  const { code, stdout, stderr } = await raiseAll('5', '--store-url', database.url)
  expect(`${code} ${stdout}`).toBe(`1 store: ${withoutPassword(database.url)}\n`)
  expect(stderr).toMatch(/^Missing tables: .* Run "idgen migrate"\.\n$/)
})

test.each([
  [['a']],
  [['--all']],
  [['--by', '5']],
  [['a', '5', '--all', '--by', '5']],
  [['a', '5', '--by', '5']],
  [['--all', '--by', '0']],
])('wrong usage: tag raise %j', async (args) => {
  const { code, stderr } = await idgen(['tag', 'raise', ...args])
  expect(code).toBe(2)
  expect(stderr).toMatch(/^error: /)
})
