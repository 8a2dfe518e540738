import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { ensureDisjoint } from '../support/answered.ts'
import { countOf } from '../support/count-of.ts'
import { mysqlTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { Load } from '../support/load.ts'
import { replaced, serveTogether, workerOf, workersOf } from '../support/worker-processes.ts'

/**
 * Goal: promise 1 across the worker processes of a service, while they are killed and replaced.
 * Method: one service of three processes on MariaDB, worker ids leased for two seconds. Callers on six
 * connections mix NextId, NextIds and streams, of a segment tag and a snowflake tag. One process after the
 * other is killed. At the end every id that left is compared with every other of its tag.
 */

const PROCESSES = 3
const CONNECTIONS = 6
const KILLS = 4
const SEGMENT_TAG = 'orders'
const TAGS = [SEGMENT_TAG, 'snowflake']
const COUNT_MAX = 5000
const IDS_MIN = 500_000n

/** What a caller may be told whose process is gone, or whose next one has not begun to serve. */
const REFUSALS = ['UNAVAILABLE', 'CANCELLED', 'STORE_UNAVAILABLE', 'WORKER_LEASE_LOST']

let database: TestDatabase

beforeAll(async () => {
  database = await mysqlTestDatabase()
})

afterAll(() => database.drop())

test('processes that are killed and replaced hand out no id twice, and the others serve', async () => {
  const env = { GOLOVES_STORE_URL: database.url, GOLOVES_STORE_MIGRATE: 'true' }
  const service = await serveTogether(PROCESSES, ['--worker-lease-ms', '2000'], { env })
  await service.ask('goloves.v1.TagService/CreateTag', { tag: SEGMENT_TAG, step: 1000 })
  const port = Number(service.grpcAddress.split(':').at(-1))
  const loads = Array.from({ length: CONNECTIONS }, () => new Load(port, TAGS, COUNT_MAX))
  await answeredAnew(loads)

  for (let kill = 0; kill < KILLS; kill++) {
    const victim = workerOf(service, 1 + (kill % PROCESSES))
    process.kill(victim.pid, 'SIGKILL')
    await Promise.all([replaced(service, victim), answeredAnew(loads)])
  }
  await Promise.all(loads.map((load) => load.stop()))
  expect((await service.stop()).code).toBe(0)

  let ids = 0n
  for (const tag of TAGS) {
    const ranges = loads.flatMap((load) => load.answers(tag).flatMap((answer) => answer.ranges))
    ensureDisjoint(ranges)
    ids += countOf(ranges)
  }
  expect(ids).toBeGreaterThanOrEqual(IDS_MIN)
  expect(workersOf(service)).toHaveLength(PROCESSES + KILLS)
  const sql = 'SELECT COUNT(DISTINCT instance) AS lessees FROM leaf_ledger WHERE biz_tag = ?'
  const [row] = await database.query(sql, [SEGMENT_TAG])
  // Of those that were killed some may not have been given a connection.
  expect(Number(row?.['lessees'])).toBeGreaterThanOrEqual(PROCESSES)
  const refusals = loads.flatMap((load) => load.refusals)
  process.stdout.write(`${ids} ids, ${KILLS} kills, ${refusals.length} refusals\n`)
  expect(REFUSALS).toEqual(expect.arrayContaining([...new Set(refusals)]))
}, 120_000)

/** Until every connection has been answered with ids of every tag by a call that begins from now on. */
async function answeredAnew(loads: readonly Load[]): Promise<void> {
  const nowMs = performance.now()
  const last = (load: Load) => TAGS.map((tag) => load.answers(tag).at(-1)?.beganMs ?? 0)
  await eventually(
    async () => Math.min(...loads.flatMap(last)),
    (earliestMs) => earliestMs > nowMs,
  )
}
