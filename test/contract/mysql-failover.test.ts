import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { createConnection } from 'mysql2/promise'
import { migrate } from '../../internal/repository/migration.ts'
import { findMariadb } from '../support/find-program.ts'
import { type PrivateMariadb, startPrivateMariadb } from '../support/private-mariadb.ts'
import { StoreRegistry } from '../support/store-registry.ts'
import { openDatabase } from '../support/store-rig.ts'

/**
 * Goal: after a failover the service finds the server that may be written to, and callers wait, at
 * most, a moment longer.
 * Method: two private servers, of which the second does not replicate the first: it has higher ids, and
 * these tell where an id is from. The service may do less than an operator, as `read_only` has it.
 */

const USER = 'service'
/** A second, and what a busy machine adds. */
const SOON_MS = 2_000

const servers: PrivateMariadb[] = []
let registry: StoreRegistry

beforeAll(async () => {
  const program = findMariadb()
  if (program === undefined) throw new Error('There is no server to be started: run "make test".')
  for (const maxId of [0, 1_000]) {
    const server = await startPrivateMariadb(program)
    servers.push(server)
    const { url } = server
    const database = openDatabase(url)
    await migrate(database, AbortSignal.timeout(5_000))
    await database.close()
    await query(url, `CREATE USER ${USER}@'127.0.0.1'`)
    await query(url, `GRANT ALL ON goloves_test.* TO ${USER}@'127.0.0.1'`)
    await query(url, `INSERT INTO leaf_alloc (biz_tag, max_id, step) VALUES ('t', ${maxId}, 1)`)
  }
}, 120_000)

afterAll(() => Promise.all(servers.map((server) => server.stop())))

beforeEach(() => {
  const [first = '', second = ''] = servers.map(({ url }) => new URL(url).host)
  registry = new StoreRegistry(`mysql://${USER}@${first}/goloves_test?hosts=${second}`)
})

afterEach(() => registry.close())

async function query(url: string, sql: string): Promise<void> {
  const connection = await createConnection(url)
  await connection.query(sql)
  await connection.end()
}

/** Asks again and again until an id comes from the second server, and tells how long that took. */
async function timeUntilSecond(): Promise<number> {
  const begunMs = performance.now()
  for (;;) {
    const id = await registry.next('t', 10_000)
    if (id > 1_000n) return performance.now() - begunMs
    expect(performance.now() - begunMs).toBeLessThan(10_000)
  }
}

test('a first server that is read-only is passed over, also by a user who could write to it', async () => {
  const { url = '' } = servers[0] ?? {}
  const { host: second = '' } = new URL(servers[1]?.url ?? '')
  await query(url, 'SET GLOBAL read_only = 1')
  const privileged = new StoreRegistry(`${url}?hosts=${second}`)
  try {
    expect(await privileged.next('t', 5_000)).toBeGreaterThan(1_000n)
  } finally {
    await privileged.close()
    await query(url, 'SET GLOBAL read_only = 0')
  }
})

test.each([
  ['is made read-only', (url: string) => query(url, 'SET GLOBAL read_only = 1')],
  ['is shut down', (url: string) => query(url, 'SHUTDOWN')],
])('when the first server %s, callers get ids from the next', async (_, fail) => {
  const { url = '' } = servers[0] ?? {}
  expect(await registry.next('t', 5_000)).toBeLessThan(1_000n)
  await fail(url)
  expect(await timeUntilSecond()).toBeLessThan(SOON_MS)
  await query(url, 'SET GLOBAL read_only = 0').catch(() => {})
})
