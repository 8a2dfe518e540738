import { doubleBuffer } from '../../../internal/domain/generator/double-buffer.ts'
import type { PrefetchPolicy } from '../../../internal/domain/generator/prefetch.ts'
import { segmentChain } from '../../../internal/domain/generator/segment-chain.ts'
import type { SegmentGenerator } from '../../../internal/domain/generator/segment-generator.ts'
import { MemoryStore } from '../../../internal/repository/memory-store.ts'
import { MemorySegmentRepository } from '../../../internal/repository/segment/memory-segment-repository.ts'
import { idsIn } from '../../../pkg/client/id-client.ts'
import { SystemClock } from '../../../pkg/clock/system-clock.ts'
import { aTag } from '../../support/a-tag.ts'
import { loneGenerator } from '../../support/lone-generator.ts'
import { settled } from '../../support/manual-clock.ts'
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
import { CHAIN, CHAIN_BY_IDS_IN, DOUBLE, FIXED_CHAIN } from './names.ts'

// Our two buffers as they are set unless told otherwise, and a chain whose leases stay at 1,000 ids.
// Leases are made while the watch stands; what the hand-out does for them is a part of what is timed.

const WARM_SHARES = 300
const PATIENCE_MS = 600_000

const clock = new SystemClock()
const caller = new TestCaller(clock, PATIENCE_MS)

const chain = segmentChain({ sizing: 'adaptive', safeDistance: 2, reserveS: 600 })
const double = doubleBuffer({ sizing: 'adaptive', prefetchAt: 0.2 })
const fixedChain = segmentChain({ sizing: 'fixed', safeDistance: 2, reserveS: 0 })

export async function segmentsOneByOne(newIds: NewIds): Promise<Contender[]> {
  return [
    await taker(CHAIN, chain, newIds()),
    await taker(DOUBLE, double, newIds()),
    await taker(FIXED_CHAIN, fixedChain, newIds()),
  ]
}

export async function segmentsInRanges(newIds: NewIds): Promise<Contender[]> {
  return [
    await filler(CHAIN, chain, newIds()),
    await filler(DOUBLE, double, newIds()),
    await fillerByIdsIn(CHAIN_BY_IDS_IN, chain, newIds()),
  ]
}

async function taker(name: string, policy: PrefetchPolicy, ids: Ids): Promise<Contender> {
  const generator = await warmGenerator(policy)
  const make = () => {
    for (let index = 0; index < SHARE; index++) ids[index] = idAtOnce(generator.next(caller))
  }
  return { name, make, ids, rises: true }
}

async function filler(name: string, policy: PrefetchPolicy, ids: Ids): Promise<Contender> {
  const generator = await warmGenerator(policy)
  const make = () => fill(ids, rangesAtOnce(generator.take(SHARE, caller)))
  return { name, make, ids, rises: true }
}

async function fillerByIdsIn(name: string, policy: PrefetchPolicy, ids: Ids): Promise<Contender> {
  const generator = await warmGenerator(policy)
  const make = () => {
    let index = 0
    for (const id of idsIn(rangesAtOnce(generator.take(SHARE, caller)))) ids[index++] = id
  }
  return { name, make, ids, rises: true }
}

/** One that has been asked for a while, so that its leases have grown. */
async function warmGenerator(policy: PrefetchPolicy): Promise<SegmentGenerator> {
  const store = new MemoryStore()
  const tag = store.save(aTag())
  const segments = new MemorySegmentRepository(store)
  const generator = loneGenerator({ tag, segments, policy, clock })
  for (let share = 0; share < WARM_SHARES; share++) {
    await generator.take(SHARE, caller)
    await settled()
  }
  return generator
}
