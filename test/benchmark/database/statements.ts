import { parseStoreUrl } from '../../../internal/config/store-url.ts'
import { MAX_ID, parseTagName } from '../../../internal/domain/entity/tag.ts'
import type { PrefetchPolicy } from '../../../internal/domain/generator/prefetch.ts'
import type { SegmentGenerator } from '../../../internal/domain/generator/segment-generator.ts'
import { openStore, type Store } from '../../../internal/repository/store.ts'
import { SystemClock } from '../../../pkg/clock/system-clock.ts'
import { loneGenerator } from '../../support/lone-generator.ts'
import { ManualClock, settled } from '../../support/manual-clock.ts'
import { TestCaller } from '../../support/test-caller.ts'
import { BUFFERS } from './buffers.ts'

// node statements.ts FILE PER_SECOND STEP ...: takes a million ids of each buffer at each step from an
// embedded store, and says how many UPDATE statements the store counted for that. Time is made up: it goes
// on by 10 ms whenever a lease, if one is under way, has arrived.

const IDS = 1_000_000
const TICK_MS = 10

const [file = '', perSecond, ...steps] = process.argv.slice(2)
const idsPerTick = (Number(perSecond) * TICK_MS) / 1000

async function statementsOf(
  store: Store,
  name: string,
  step: number,
  policy: PrefetchPolicy,
): Promise<number> {
  const tag = await store.tags.create({
    name: parseTagName(`${name.replaceAll(/\W+/g, '-')}-${step}`),
    layout: undefined,
    step,
    maxId: 1n,
    maxValue: MAX_ID,
    buffer: undefined,
    description: '',
  })
  const before = await store.countUpdates()
  const clock = new ManualClock()
  const generator = loneGenerator({ tag, segments: store.segments, policy, clock })
  for (let taken = 0; taken < IDS; taken += idsPerTick) {
    await generator.take(idsPerTick, new TestCaller(clock))
    await idle(generator)
    await clock.advance(TICK_MS)
  }
  return Number((await store.countUpdates()) - before)
}

async function idle(generator: SegmentGenerator): Promise<void> {
  while (!generator.isIdle) await settled()
}

const store = openStore(parseStoreUrl(`sqlite:${file}`), {
  clock: new SystemClock(),
  random: Math.random,
  logger: { warn: () => {} },
  instance: { name: 'bench', address: '127.0.0.1:50051' },
})
try {
  await store.migrate()
  const counted = []
  for (const [name, policy] of BUFFERS) {
    const statements: number[] = []
    for (const step of steps.map(Number)) {
      statements.push(await statementsOf(store, name, step, policy))
    }
    counted.push({ name, statements })
  }
  process.stdout.write(`${JSON.stringify(counted)}\n`)
} finally {
  await store.close()
}
