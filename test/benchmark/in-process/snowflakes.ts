import { Snowflake as Sapphire } from '@sapphire/snowflake'
import FlakeId from 'flake-idgen'
import { Snowflake as Rust } from 'nodejs-snowflake'
import { SnowflakeLayout } from '../../../internal/domain/entity/snowflake-layout.ts'
import { SnowflakeGenerator } from '../../../internal/domain/generator/snowflake-generator.ts'
import { WorkerLease } from '../../../internal/domain/generator/worker-lease.ts'
import { MemoryWorkerRepository } from '../../../internal/repository/worker/memory-worker-repository.ts'
import { aTag } from '../../support/a-tag.ts'
import { ManualClock, settled } from '../../support/manual-clock.ts'
import { SilentObserver } from '../../support/silent-observer.ts'
import { TestCaller } from '../../support/test-caller.ts'
import {
  type Contender,
  type Ids,
  idAtOnce,
  type NewIds,
  rangesAtOnce,
  SHARE,
} from './contender.ts'
import { fill } from './fill.ts'
import { FLAKE, RUST, SAPPHIRE, SHIFTS, SNOWFLAKE } from './names.ts'

// Ids of time, worker and sequence: ours, what people write themselves, and packages. For all of them the
// clock costs nothing and goes on by a millisecond before each 1,000 ids. By a real one each layout has
// an end, at 4.096 or 1.024 million a second, and that would be all there is to measure.

/** Some years, so that no reservation ends while we count. */
const LIFE_MS = 1e11
const WORKER = 1

const layout = SnowflakeLayout.parse('twitter')
const clock = new ManualClock()
const caller = new TestCaller(clock, Number.POSITIVE_INFINITY)
Date.now = () => clock.nowMs()

/** Snowflake as it is mostly written: short, and correct. */
class BigintShifts {
  #lastMs = 0
  #sequence = 0

  next(): bigint {
    const nowMs = Date.now()
    if (nowMs < this.#lastMs) throw new Error('The clock moved backwards.')
    this.#sequence = nowMs === this.#lastMs ? this.#sequence + 1 : 0
    if (this.#sequence > layout.sequenceMax) throw new Error('The tick is used up.')
    this.#lastMs = nowMs
    const time = BigInt(nowMs - layout.epochMs) << 22n
    return time | (BigInt(WORKER) << 12n) | BigInt(this.#sequence)
  }
}

export async function snowflakeOneByOne(newIds: NewIds): Promise<Contender> {
  const generator = await newGenerator()
  const ids = newIds()
  const make = () => {
    clock.stepWall(1)
    for (let index = 0; index < SHARE; index++) ids[index] = idAtOnce(generator.next(caller))
  }
  return { name: SNOWFLAKE, make, ids, rises: true }
}

export async function snowflakeInRanges(newIds: NewIds): Promise<Contender> {
  const generator = await newGenerator()
  const ids = newIds()
  const make = () => {
    clock.stepWall(1)
    fill(ids, rangesAtOnce(generator.take(SHARE, caller)))
  }
  return { name: SNOWFLAKE, make, ids, rises: true }
}

export function otherSnowflakes(newIds: NewIds): Contender[] {
  return [bigintShifts(newIds()), sapphire(newIds()), rust(newIds()), flake(newIds())]
}

function bigintShifts(ids: Ids): Contender {
  const shifts = new BigintShifts()
  const make = () => {
    clock.stepWall(1)
    for (let index = 0; index < SHARE; index++) ids[index] = shifts.next()
  }
  return { name: SHIFTS, make, ids, rises: true }
}

/** Its sequence goes on from one millisecond to the next, so it may start again within one. */
function sapphire(ids: Ids): Contender {
  const generator = new Sapphire(layout.epochMs)
  const make = () => {
    clock.stepWall(1)
    for (let index = 0; index < SHARE; index++) ids[index] = generator.generate()
  }
  return { name: SAPPHIRE, make, ids, rises: false }
}

function rust(ids: Ids): Contender {
  const generator = new Rust({ instance_id: WORKER, custom_epoch: layout.epochMs })
  const make = () => {
    clock.stepWall(1)
    for (let index = 0; index < SHARE; index++) ids[index] = bigintOf(generator.getUniqueID())
  }
  return { name: RUST, make, ids, rises: true }
}

function flake(ids: Ids): Contender {
  const generator = new FlakeId({ id: WORKER, epoch: layout.epochMs })
  const make = () => {
    clock.stepWall(1)
    for (let index = 0; index < SHARE; index++) ids[index] = generator.next().readBigInt64BE()
  }
  return { name: FLAKE, make, ids, rises: true }
}

/** The package says that it is an object. */
function bigintOf(id: unknown): bigint {
  if (typeof id !== 'bigint') throw new Error(`${id} is no bigint.`)
  return id
}

async function newGenerator(): Promise<SnowflakeGenerator> {
  const tag = aTag({ mode: 'snowflake', layout })
  const waiting = { callersMax: 1, idsMax: SHARE }
  return new SnowflakeGenerator({ tag, lease: await heldLease(), clock, waiting })
}

/** A worker id in a pool that is not new. */
async function heldLease(): Promise<WorkerLease> {
  const table = new Map([[layout.name, { openedMs: 0, rows: new Map() }]])
  const fresh = new WorkerLease(layout, {
    workers: new MemoryWorkerRepository(table, () => clock.nowMs()),
    owner: 'one',
    fixedWorker: undefined,
    lifeMs: LIFE_MS,
    clock,
    random: () => 0.5,
    observer: new SilentObserver(),
  })
  while (fresh.held === undefined) await settled()
  return fresh
}
