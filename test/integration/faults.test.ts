import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createConnection } from 'mysql2/promise'
import type { IdRange } from '../../internal/domain/entity/id-range.ts'
import { bigintOf, isRow, type Row } from '../../internal/repository/database/row.ts'
import { migrate } from '../../internal/repository/migration.ts'
import { KnexTagRepository } from '../../internal/repository/tag/knex-tag-repository.ts'
import { SystemClock } from '../../pkg/clock/system-clock.ts'
import { Dice } from '../simulation/dice.ts'
import { Tally } from '../simulation/tally.ts'
import { ensureDisjoint, ensureIncreasing } from '../support/answered.ts'
import { countOf } from '../support/count-of.ts'
import { eventually } from '../support/eventually.ts'
import { countsOf } from '../support/figures.ts'
import { findMariadb } from '../support/find-program.ts'
import { FleetMember, type Life } from '../support/fleet-member.ts'
import { ensureWithin, leasedRanges } from '../support/leased-ranges.ts'
import { newTag } from '../support/new-tag.ts'
import { type PrivateMariadb, startPrivateMariadb } from '../support/private-mariadb.ts'
import { openDatabase } from '../support/store-rig.ts'

/**
 * Goal: promises 1 to 3, across everything that really happens to processes, a network and a database.
 * Method: four services on one MariaDB, each behind a network of its own, under load by NextId, NextIds
 * and streams on both buffers and a snowflake tag. Two dice under one seed say what fails next, and
 * when: one of the networks, the other of the processes and the database. At the end every id that
 * left is compared with every other, and with what was leased.
 */

const SECONDS = Number(process.env['GOLOVES_TEST_FAULTS_SECONDS'] || 30)
const SEED = Number(process.env['GOLOVES_TEST_FAULTS_SEED'] || Math.trunc(Math.random() * 1e6))
const PROCESSES = 4
const IDS_MIN = 50_000
const STEP = 100
const SEGMENT_TAGS = ['chain', 'double'] as const
const TAGS = [...SEGMENT_TAGS, 'snowflake']

/** What a caller may be told while something fails, by the service or where it is gone. */
const REFUSALS = [
  ...['STORE_UNAVAILABLE', 'DEADLINE_EXCEEDED', 'SHUTTING_DOWN', 'WORKER_LEASE_LOST'],
  ...['WORKER_POOL_EXHAUSTED', 'UNAVAILABLE', 'CANCELLED'],
]

let server: PrivateMariadb
let fleet: FleetMember[] = []

beforeAll(async () => {
  const program = findMariadb()
  if (program === undefined) throw new Error('There is no server to be started: run "make test".')
  server = await startPrivateMariadb(program)
  const database = openDatabase(server.url)
  await migrate(database, AbortSignal.timeout(10_000))
  const tags = new KnexTagRepository(database, new SystemClock(), { name: 'test', address: '' })
  for (const buffer of SEGMENT_TAGS) await tags.create(newTag(buffer, { buffer, step: STEP }))
  await database.close()
}, 120_000)

afterAll(async () => {
  await Promise.allSettled(fleet.map((member) => member.close()))
  await server.stop()
})

test(
  'four services on a network and a database that fail hand out no id twice',
  async () => {
    const args = ['--segment-sizing', 'fixed', '--segment-reserve-s', '0', '--log-level', 'debug']
    const options = {
      url: server.url,
      tags: TAGS,
      args: [...args, '--worker-lease-ms', '3000'],
      countMax: 3 * STEP,
    }
    fleet = await Promise.all(Array.from({ length: PROCESSES }, () => FleetMember.start(options)))

    const faults = await failForAWhile()
    await Promise.all(fleet.map(untilAnswered))
    await Promise.all(fleet.map(endCleanly))

    const lives = fleet.flatMap((member) => member.lives)
    const ids = new Tally()
    for (const tag of TAGS) {
      const ranges = lives.flatMap((life) => rangesOf(life, tag))
      ensureDisjoint(ranges)
      for (const { load } of lives) ensureIncreasing(load.answers(tag))
      ids.add(tag, Number(countOf(ranges)))
    }
    let lost = 0
    for (const tag of SEGMENT_TAGS) {
      const { leased, returned } = await accountOf(tag)
      for (const life of lives) expectLeased(life, tag, leased)
      lost += Number(leased - returned) - (ids.byKind.get(tag) ?? 0)
    }
    const refusals = new Tally()
    for (const code of lives.flatMap(({ load }) => load.refusals)) refusals.add(code)
    process.stdout.write(
      `seed ${SEED}: ids: ${countsOf(ids.byKind)}, ${lost} lost to gaps; ${lives.length} lives; ` +
        `faults: ${countsOf(faults.byKind)}; refusals: ${countsOf(refusals.byKind)}\n`,
    )
    expect(lost).toBeGreaterThanOrEqual(0)
    for (const tag of TAGS) expect(ids.byKind.get(tag)).toBeGreaterThanOrEqual(IDS_MIN)
    expect(REFUSALS).toEqual(expect.arrayContaining([...refusals.byKind.keys()]))
  },
  SECONDS * 1000 + 120_000,
)

/** Lets everything fail until each thing has, and the time is over. */
async function failForAWhile(): Promise<Tally> {
  const faults = new Tally()
  const endMs = performance.now() + SECONDS * 1000
  const failBy = async (dice: Dice, meanGapMs: number, kinds: Faults) => {
    do {
      for (const [kind, strike] of dice.shuffled(Object.entries(kinds))) {
        await pause(dice.gap(meanGapMs))
        await strike(dice.pick(fleet), dice)
        faults.add(kind)
      }
    } while (performance.now() < endMs)
  }
  await Promise.all([
    failBy(new Dice(SEED), 200, NETWORK_FAULTS),
    failBy(new Dice(SEED + 1), 1_000, DEATHS),
  ])
  return faults
}

type Faults = Record<string, (member: FleetMember, dice: Dice) => Promise<void>>

const NETWORK_FAULTS: Faults = {
  async delay({ proxy }, dice) {
    proxy.delay(dice.between(20, 400))
    await pause(dice.between(100, 1_500))
    proxy.delay(0)
  },
  async hang({ proxy }, dice) {
    proxy.hang()
    // Mostly longer than an attempt to lease takes at most: what it leased is told too late.
    await pause(dice.between(1_500, 4_000))
    proxy.release()
  },
  async 'lost question'({ proxy }) {
    proxy.lose('question')
  },
  async 'lost reply'({ proxy }) {
    proxy.lose('reply')
  },
  async cut({ proxy }) {
    proxy.cut()
  },
}

const DEATHS: Faults = {
  async 'kill -9 of a service'(member) {
    await member.end('SIGKILL')
    await member.begin()
  },
  async 'SIGTERM of a service'(member) {
    await endCleanly(member)
    await member.begin()
  },
  // Those that begin find what the others gave back, all at once.
  async 'SIGTERM of all services'() {
    await Promise.all(fleet.map(endCleanly))
    await Promise.all(fleet.map((member) => member.begin()))
  },
  async 'kill -9 of the database'() {
    await server.restart()
  },
  async 'step changed by hand'(_, dice) {
    const step = dice.whole(STEP / 2, STEP * 2)
    await query('UPDATE leaf_alloc SET step = ? WHERE biz_tag = ?', step, dice.pick(SEGMENT_TAGS))
  },
}

async function endCleanly(member: FleetMember): Promise<void> {
  expect((await member.end('SIGTERM')).code).toBe(0)
}

/** Until each tag has answered a call that began from now on. */
async function untilAnswered({ life: { load } }: FleetMember): Promise<void> {
  const nowMs = performance.now()
  await eventually(
    async () => TAGS.map((tag) => load.answers(tag).at(-1)?.beganMs ?? 0),
    (begun) => begun.every((beganMs) => beganMs > nowMs),
  )
}

function rangesOf({ load }: Life, tag: string): IdRange[] {
  return load.answers(tag).flatMap(({ ranges }) => ranges)
}

/** How many ids of a tag were leased in all, and how many of them were given back and not taken. */
async function accountOf(tag: string) {
  const [alloc] = await query('SELECT max_id FROM leaf_alloc WHERE biz_tag = ?', tag)
  const [rest] = await query(
    `SELECT COALESCE(SUM(last_id - first_id + 1), 0) AS ids FROM leaf_returned
      WHERE biz_tag = ? AND taken_by IS NULL`,
    tag,
  )
  return { leased: bigintOf(alloc ?? {}, 'max_id'), returned: bigintOf(rest ?? {}, 'ids') }
}

async function query(sql: string, ...bindings: (string | number)[]): Promise<Row[]> {
  const connection = await createConnection({
    uri: server.url,
    bigNumberStrings: true,
    supportBigNumbers: true,
  })
  const [rows]: unknown[] = await connection.query(sql, bindings)
  await connection.end()
  return Array.isArray(rows) ? rows.filter(isRow) : []
}

/** Of what a killed process leased last, its log may say nothing: it lies above the rest. */
function expectLeased(life: Life, tag: string, maxId: bigint): void {
  const leased = leasedRanges(life.ended?.stderr ?? '', tag)
  const unsaid = { first: (leased.at(-1)?.last ?? 0n) + 1n, last: maxId }
  ensureWithin(rangesOf(life, tag), life.ended?.code === 0 ? leased : [...leased, unsaid])
}
