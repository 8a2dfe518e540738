import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { z } from 'zod'
import type { IdRange } from '../../internal/domain/entity/id-range.ts'
import { SnowflakeLayout } from '../../internal/domain/entity/snowflake-layout.ts'
import { ensureDisjoint, ensureIncreasing } from '../support/answered.ts'
import { countOf } from '../support/count-of.ts'
import { mysqlTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { Load } from '../support/load.ts'
import { type RunningService, serveReady } from '../support/running-service.ts'

/**
 * Goal: promises 1, 2 and 8 of snowflake tags, across processes that stand still and die.
 * Method: eight services on one MariaDB, their worker ids leased for two seconds. Of one tag there are
 * worker ids for all of them, of the other for half of them, so that whatever is given up is taken.
 * Under load, one after the other stands still until somebody else has its worker id, while another one
 * is killed and started again. At the end every id that left is compared with every other of its tag.
 */

const PROCESSES = 8
const ROUNDS = 4
const IDS_MIN = 2_000_000n

const ROOMY = 'snowflake'
const SCARCE = 'scarce'
const SCARCE_LAYOUT = 'time:41,worker:2,sequence:12,unit:1,epoch:1577203200000'
const SCARCE_WORKERS = 4

/** What a caller may be told whose process, or the worker id that it needs, is gone. */
const REFUSALS = [
  'WORKER_LEASE_LOST',
  'WORKER_POOL_EXHAUSTED',
  'STORE_UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'UNAVAILABLE',
]

/** One process, from its start to its end. */
interface Life {
  readonly service: RunningService
  /** The name under which it leases worker ids. */
  readonly owner: string
  readonly load: Load
}

const State = z.object({ instance: z.string(), worker: z.object({}).nullable() })
const OneId = z.object({ id: z.string().transform(BigInt) })

const twitter = SnowflakeLayout.parse('twitter')
const lives: Life[] = []
let database: TestDatabase

beforeAll(async () => {
  database = await mysqlTestDatabase()
})

afterAll(async () => {
  // By now no process is alive that would answer them.
  await Promise.allSettled(lives.map(({ load }) => load.stop()))
  await database.drop()
})

test('eight processes that stand still and die hand out two million ids, none twice', async () => {
  const services = await Promise.all(Array.from({ length: PROCESSES }, start))
  const request = { tag: SCARCE, layout: SCARCE_LAYOUT }
  await services[0]?.ask('goloves.v1.TagService/CreateTag', request)
  const alive = new Set(await Promise.all(services.map(underLoad)))

  for (let round = 0; round < ROUNDS; round++) {
    const [still, victim] = await scarceHolders([...alive])
    if (still === undefined || victim === undefined) throw new Error('They are too few.')
    still.service.program.signal('SIGSTOP')
    await victim.service.stop('SIGKILL')
    await victim.load.stop()
    alive.delete(victim)
    alive.add(await underLoad(await start()))
    await untilReplaced(still)
    still.service.program.signal('SIGCONT')
    await untilAnswered(still)
  }
  await Promise.all([...alive].map(({ load }) => load.stop()))
  const lastIds = await Promise.all([...alive].map(endCleanly))

  const roomy = [...rangesOf(ROOMY), ...lastIds.map((id) => ({ first: id, last: id }))]
  const scarce = rangesOf(SCARCE)
  ensureDisjoint(roomy)
  ensureDisjoint(scarce)
  const answers = lives.flatMap(({ load }) => [load.answers(ROOMY), load.answers(SCARCE)])
  for (const ofOne of answers) ensureIncreasing(ofOne)
  const ids = countOf(roomy) + countOf(scarce)
  const refusals = refusalsByCode()
  process.stdout.write(
    `${PROCESSES} processes, ${ids} ids in ${answers.flat().length} calls, ` +
      `${ROUNDS} stops, ${ROUNDS} kills, refusals: ${JSON.stringify(refusals)}\n`,
  )
  expect(ids).toBeGreaterThanOrEqual(IDS_MIN)
  expect(REFUSALS).toEqual(expect.arrayContaining(Object.keys(refusals)))
}, 120_000)

function start(): Promise<RunningService> {
  const env = { GOLOVES_STORE_URL: database.url, GOLOVES_STORE_MIGRATE: 'true' }
  return serveReady(['--worker-lease-ms', '2000'], { env })
}

async function underLoad(service: RunningService): Promise<Life> {
  const { instance } = await stateOf(service)
  const port = Number(service.grpcAddress.split(':').at(-1))
  const life = { service, owner: instance, load: new Load(port, [ROOMY, SCARCE]) }
  lives.push(life)
  return life
}

async function stateOf(service: RunningService) {
  return State.parse(await service.ask('goloves.v1.TagService/GetTagState', { tag: SCARCE }))
}

/** Those who hold the worker ids of the scarce tag, once all of these are held. */
async function scarceHolders(lives: readonly Life[]): Promise<Life[]> {
  const states = await eventually(
    () => Promise.all(lives.map(({ service }) => stateOf(service))),
    (all) => all.filter(({ worker }) => worker !== null).length >= SCARCE_WORKERS,
  )
  return lives.filter((_, index) => states[index]?.worker !== null)
}

/** Until the leases of a process have ended, and another one has its worker id of the scarce tag. */
async function untilReplaced({ owner }: Life): Promise<void> {
  const sql = 'SELECT * FROM leaf_worker WHERE owner = ? AND (pool = ? OR expires_ms >= ?)'
  await eventually(
    () => database.query(sql, [owner, SCARCE_LAYOUT, Date.now()]),
    (leases) => leases.length === 0,
  )
}

/** Until a call that begins from now on is answered with ids. */
async function untilAnswered({ load }: Life): Promise<void> {
  const nowMs = performance.now()
  await eventually(
    async () => load.answers(ROOMY).at(-1)?.beganMs ?? 0,
    (beganMs) => beganMs > nowMs,
  )
}

/**
 * Takes a last id, stops the process, and looks at what it leaves of its lease: no owner, and the tick
 * of that id as the last one used.
 */
async function endCleanly({ service }: Life): Promise<bigint> {
  const { body } = await eventually(
    () => service.http('POST', `/v1/tags/${ROOMY}:nextId`),
    ({ status }) => status === 200,
  )
  const { id } = OneId.parse(body)
  const { tick, worker } = twitter.unpack(id)
  expect(tick).toBeLessThanOrEqual(twitter.tickAt(Date.now()))
  expect((await service.stop()).code).toBe(0)
  const sql = 'SELECT owner, reserved FROM leaf_worker WHERE pool = ? AND worker_id = ?'
  const rows = await database.query(sql, [twitter.name, worker])
  expect(rows).toEqual([{ owner: null, reserved: String(tick) }])
  return id
}

function rangesOf(tag: string): IdRange[] {
  return lives.flatMap(({ load }) => load.answers(tag).flatMap(({ ranges }) => ranges))
}

function refusalsByCode(): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const code of lives.flatMap(({ load }) => load.refusals)) {
    counts[code] = (counts[code] ?? 0) + 1
  }
  return counts
}
