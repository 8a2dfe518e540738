import { expect, test } from '@jest/globals'
import { aTag } from '../../../test/support/a-tag.ts'
import { loneGenerator } from '../../../test/support/lone-generator.ts'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import { SlowStore } from '../../../test/support/slow-store.ts'
import { doubleBuffer } from './double-buffer.ts'
import type { PrefetchPolicy } from './prefetch.ts'
import { segmentChain } from './segment-chain.ts'
import type { SegmentGenerator } from './segment-generator.ts'

/**
 * Goal: with a store that takes 300 ms for a lease, nobody waits once the first leases are there.
 * Method: virtual time, callers at a steady rate; every call that could not be answered at once is
 * noted with the number of leases that had been made by then.
 */

const STORE_MS = 300

const TAG = aTag()

class Load {
  /** For each call that had to wait: how many leases had been made when it came. */
  readonly waits: number[] = []
  readonly clock = new ManualClock()
  readonly store = new SlowStore(this.clock, STORE_MS, TAG.maxId)
  readonly generator: SegmentGenerator
  asked = 0

  constructor(policy: PrefetchPolicy) {
    const { clock, store: segments } = this
    this.generator = loneGenerator({ tag: TAG, segments, policy, clock })
  }

  call(): void {
    this.asked += 1
    const caller = { deadlineMs: this.clock.monotonicMs() + 5000, onLeave: () => {} }
    if (this.generator.next(caller) instanceof Promise) this.waits.push(this.store.leases)
  }

  /** Calls at `perSecond` for `seconds`: one by one, or those of a millisecond together. */
  async run(perSecond: number, seconds: number): Promise<void> {
    const before = this.asked
    const tickMs = Math.max(1, Math.floor(1000 / perSecond))
    for (let ms = tickMs; ms <= seconds * 1000; ms += tickMs) {
      await this.clock.advance(tickMs)
      const due = before + Math.floor((perSecond * ms) / 1000)
      while (this.asked < due) this.call()
    }
  }
}

/** A load that begins when the first lease, asked for by a first caller, has arrived. */
async function warmed(policy: PrefetchPolicy): Promise<Load> {
  const load = new Load(policy)
  load.call()
  await load.clock.advance(STORE_MS)
  expect(load.store.leases).toBe(1)
  return load
}

test('double buffer, step 1000 fixed: after the first lease nobody waits at 500 ids a second', async () => {
  const load = await warmed(doubleBuffer({ sizing: 'fixed', prefetchAt: 0.2 }))
  await load.run(500, 60)
  expect(load.waits).toEqual([0])
  expect(load.store.leases).toBe(31)
})

test('chain, step 1000 fixed: after the first lease nobody waits at 5,000 ids a second', async () => {
  const load = await warmed(segmentChain({ sizing: 'fixed', safeDistance: 2, reserveS: 600 }))
  await load.run(5000, 20)
  expect(load.waits).toEqual([0])
})

const ADAPTIVE: [string, PrefetchPolicy][] = [
  ['double buffer', doubleBuffer({ sizing: 'adaptive', prefetchAt: 0.2 })],
  ['chain', segmentChain({ sizing: 'adaptive', safeDistance: 2, reserveS: 600 })],
]

test.each(ADAPTIVE)(
  '%s, adaptive: from a cold start to 50,000 ids a second, nobody waits after the third lease',
  async (_, policy) => {
    const load = new Load(policy)
    await load.run(50_000, 10)
    expect(load.waits[0]).toBe(0)
    expect(Math.max(...load.waits)).toBeLessThanOrEqual(2)
    expect(load.asked).toBe(500_000)
  },
)

test('chain, adaptive: under a steady rate the reserve grows to ten minutes and leases become one in 15', async () => {
  const load = new Load(segmentChain({ sizing: 'adaptive', safeDistance: 2, reserveS: 600 }))
  await load.run(100, 20 * 60)
  const { secondsLeft } = load.generator.state()
  expect(secondsLeft).toBeGreaterThanOrEqual(600)
  expect(secondsLeft).toBeLessThanOrEqual(1800)
  const before = load.store.leases
  await load.run(100, 45 * 60)
  expect(load.store.leases - before).toBeLessThanOrEqual(3 + 1)
})
