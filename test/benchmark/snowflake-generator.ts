import type { IdRange } from '../../internal/domain/entity/id-range.ts'
import { SnowflakeLayout } from '../../internal/domain/entity/snowflake-layout.ts'
import { SnowflakeGenerator } from '../../internal/domain/generator/snowflake-generator.ts'
import { WorkerLease } from '../../internal/domain/generator/worker-lease.ts'
import { MemoryWorkerRepository } from '../../internal/repository/worker/memory-worker-repository.ts'
import { aTag } from '../support/a-tag.ts'
import { countOf } from '../support/count-of.ts'
import { ManualClock, settled } from '../support/manual-clock.ts'
import { type Contender, sideBySide } from '../support/side-by-side.ts'
import { SilentObserver } from '../support/silent-observer.ts'
import { TestCaller } from '../support/test-caller.ts'

// What a snowflake id costs in memory: our generator beside what people write themselves, and beside
// the question what time it is. The clock here costs nothing and holds nobody up: it goes on by a tick
// each time that so many ids have left. By a real one the layout has room for 4.096 million a second.

const SHARE = 8 * 4096
const BATCH = 1000
const BATCHES = 32
/** Some years, so that no reservation ends while we count. */
const LIFE_MS = 1e11
const WORKER = 1n

const layout = SnowflakeLayout.parse('twitter')
const clock = new ManualClock()
const caller = new TestCaller(clock, Number.POSITIVE_INFINITY)

/** Snowflake as it is mostly written: short, and correct. */
class BigintShifts {
  #lastMs = 0
  #sequence = 0

  next(): bigint {
    const nowMs = clock.nowMs()
    if (nowMs < this.#lastMs) throw new Error('The clock moved backwards.')
    this.#sequence = nowMs === this.#lastMs ? this.#sequence + 1 : 0
    if (this.#sequence > layout.sequenceMax) throw new Error('The tick is used up.')
    this.#lastMs = nowMs
    return (BigInt(nowMs - layout.epochMs) << 22n) | (WORKER << 12n) | BigInt(this.#sequence)
  }
}

const lease = await heldLease()
await sideBySide('ids', [
  ...oneByOne('4096 ids in a tick', 4096),
  ...oneByOne('1000 ids in a tick', 1000),
  ...oneByOne('a tick for each id', 1),
  ...byBatch('1000 ids in a call'),
  dateNow(),
])

/** The loops are alike, but not one, so that each is compiled for what it calls. */
function oneByOne(pace: string, idsPerTick: number): Contender[] {
  const generator = newGenerator()
  const shifts = new BigintShifts()
  const ids = new BigInt64Array(SHARE)
  const byGenerator = () => {
    for (let index = 0; index < SHARE; index++) {
      if (index % idsPerTick === 0) clock.stepWall(1)
      ids[index] = atOnce(generator.next(caller))
    }
    return SHARE
  }
  const byShifts = () => {
    for (let index = 0; index < SHARE; index++) {
      if (index % idsPerTick === 0) clock.stepWall(1)
      ids[index] = shifts.next()
    }
    return SHARE
  }
  const [rises, shiftsRise] = [ascent(), ascent()]
  return [
    { name: `${pace}: SnowflakeGenerator`, work: byGenerator, check: () => rises(ids) },
    { name: `${pace}: bigint shifts`, work: byShifts, check: () => shiftsRise(ids) },
  ]
}

/** What somebody gets who wants many at once: ranges from ours, an array from the other. */
function byBatch(pace: string): Contender[] {
  const generator = newGenerator()
  const shifts = new BigintShifts()
  const ranges: (readonly IdRange[])[] = []
  const arrays: (readonly bigint[])[] = []
  const byGenerator = () => {
    for (let batch = 0; batch < BATCHES; batch++) {
      clock.stepWall(1)
      ranges[batch] = atOnce(generator.take(BATCH, caller))
    }
    return BATCHES * BATCH
  }
  const byShifts = () => {
    for (let batch = 0; batch < BATCHES; batch++) {
      clock.stepWall(1)
      arrays[batch] = Array.from({ length: BATCH }, () => shifts.next())
    }
    return BATCHES * BATCH
  }
  const [rise, shiftsRise] = [ascent(), ascent()]
  const check = () => {
    if (countOf(ranges.flat()) !== BigInt(BATCHES * BATCH)) throw new Error('Ids are missing.')
    rise(ranges.flat().flatMap(({ first, last }) => [first, last]))
  }
  return [
    { name: `${pace}: SnowflakeGenerator`, work: byGenerator, check },
    { name: `${pace}: bigint shifts`, work: byShifts, check: () => shiftsRise(arrays.flat()) },
  ]
}

function dateNow(): Contender {
  const times = new Float64Array(SHARE)
  const work = () => {
    for (let index = 0; index < SHARE; index++) times[index] = Date.now()
    return SHARE
  }
  return { name: 'Date.now() alone', work, check: () => {} }
}

function newGenerator(): SnowflakeGenerator {
  const tag = aTag({ mode: 'snowflake', layout })
  return new SnowflakeGenerator({ tag, lease, clock, waiting: { callersMax: 1, idsMax: BATCH } })
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

function atOnce<Value>(value: Value | Promise<Value>): Value {
  if (value instanceof Promise) throw new Error('Nobody has to wait here.')
  return value
}

/** A check that each id is above all that it was shown before. */
function ascent(): (ids: Iterable<bigint>) => void {
  let highest = 0n
  return (ids) => {
    for (const id of ids) {
      if (id <= highest) throw new Error(`${id} came after ${highest}.`)
      highest = id
    }
  }
}
