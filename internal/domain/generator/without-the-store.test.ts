import { expect, test } from '@jest/globals'
import { storeUnavailable } from '../../../pkg/errors/failures.ts'
import { aTag } from '../../../test/support/a-tag.ts'
import { loneGenerator } from '../../../test/support/lone-generator.ts'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import { SlowStore } from '../../../test/support/slow-store.ts'
import { segmentChain } from './segment-chain.ts'
import type { SegmentLease, SegmentLeaseRequest } from './segment-repository.ts'

/**
 * Goal: a chain with its defaults lasts ten minutes without the store, at any steady rate.
 * Method: virtual time; after half an hour at one rate the store is lost at the worst moment, while
 * the next lease is under way. It is counted how long all calls are still answered at once.
 */

const WARM_UP_MS = 1_800_000
const WATCHED_MS = 700_000
/** The longest that an attempt to lease may take. */
const LEASE_MS = 2_000

const TAG = aTag()

/** The first lease that is asked for after the warm-up is lost, with all that follow. */
class MortalStore extends SlowStore {
  lostAtMs: number | undefined
  readonly #clock: ManualClock

  constructor(clock: ManualClock) {
    super(clock, LEASE_MS - 1, TAG.maxId)
    this.#clock = clock
  }

  override async lease(request: SegmentLeaseRequest): Promise<SegmentLease> {
    const isLost = this.#clock.monotonicMs() >= WARM_UP_MS
    const lease = await super.lease(request)
    if (!isLost) return lease
    this.lostAtMs ??= this.#clock.monotonicMs()
    throw storeUnavailable(0)
  }
}

const CASES = (['adaptive', 'fixed'] as const).flatMap((sizing) =>
  [0.1, 1, 10, 333, 5_000, 50_000].map((perSecond) => ({ sizing, perSecond })),
)

test.each(CASES)(
  '$sizing, $perSecond ids a second: it lasts ten minutes, and knows it',
  async ({ sizing, perSecond }) => {
    const clock = new ManualClock()
    const store = new MortalStore(clock)
    const policy = segmentChain({ sizing, safeDistance: 2, reserveS: 600 })
    const generator = loneGenerator({ tag: TAG, segments: store, policy, clock })
    const gapMs = Math.max(100, 1_000 / perSecond)
    const count = Math.round((perSecond * gapMs) / 1_000)
    let foretold: number | undefined
    let lastedMs = 0
    for (;;) {
      await clock.advance(gapMs)
      const nowMs = clock.monotonicMs()
      lastedMs = nowMs - (store.lostAtMs ?? nowMs)
      if (store.lostAtMs !== undefined) foretold ??= generator.state().secondsLeft
      if (lastedMs > WATCHED_MS) break
      const ids = generator.take(count, { deadlineMs: nowMs + 2 * LEASE_MS, onLeave: () => {} })
      if (!(ids instanceof Promise)) continue
      ids.catch(() => {})
      if (store.lostAtMs !== undefined) break
    }
    expect(lastedMs).toBeGreaterThanOrEqual(600_000)
    expect(foretold).toBeGreaterThanOrEqual(599)
    if (lastedMs <= WATCHED_MS) expect(foretold).toBeCloseTo(lastedMs / 1_000, -1)
  },
)
