import { expect, test } from '@jest/globals'
import { storeUnavailable } from '../../../pkg/errors/failures.ts'
import { aTag } from '../../../test/support/a-tag.ts'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import { noRests } from '../../../test/support/no-rests.ts'
import { SilentObserver } from '../../../test/support/silent-observer.ts'
import { UNREAD_LEDGER } from '../../../test/support/unread-ledger.ts'
import { UnusedTagRepository } from '../../../test/support/unused-tag-repository.ts'
import { HighWaterMarks } from './high-water-marks.ts'
import { LossGuard } from './loss-guard.ts'
import type { Sizing } from './prefetch.ts'
import { SegmentAllocator } from './segment-allocator.ts'
import { segmentChain } from './segment-chain.ts'
import { SegmentGenerator } from './segment-generator.ts'
import {
  type SegmentLease,
  type SegmentLeaseRequest,
  SegmentRepository,
} from './segment-repository.ts'

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

/** Takes its time for a lease. The first one that is asked for after the warm-up is lost, with all that follow. */
class MortalStore extends SegmentRepository {
  lostAtMs: number | undefined
  readonly #clock: ManualClock
  #maxId = TAG.maxId

  constructor(clock: ManualClock) {
    super()
    this.#clock = clock
  }

  override async lease({ size }: SegmentLeaseRequest): Promise<SegmentLease> {
    const isLast = this.#clock.monotonicMs() >= WARM_UP_MS
    await this.#clock.sleep(LEASE_MS - 1)
    if (isLast) this.lostAtMs ??= this.#clock.monotonicMs()
    if (isLast) throw storeUnavailable(0)
    const offset = this.#maxId
    this.#maxId += size
    return { offset, maxId: this.#maxId }
  }
}

function generatorOn(store: MortalStore, clock: ManualClock, sizing: Sizing): SegmentGenerator {
  const marks = new HighWaterMarks()
  const guard = new LossGuard(new UnusedTagRepository(), marks)
  const ports = { segments: store, rests: noRests(), guard, marks, clock }
  return new SegmentGenerator({
    allocator: new SegmentAllocator(TAG, ports),
    ledger: UNREAD_LEDGER,
    policyOf: () => segmentChain({ sizing, safeDistance: 2, reserveS: 600 }),
    clock,
    random: () => 1,
    observer: new SilentObserver(),
    waiting: { callersMax: 1_000, idsMax: 10_000_000 },
    verdictMs: 5_000,
  })
}

const CASES = (['adaptive', 'fixed'] as const).flatMap((sizing) =>
  [0.1, 1, 10, 333, 5_000, 50_000].map((perSecond) => ({ sizing, perSecond })),
)

test.each(CASES)(
  '$sizing, $perSecond ids a second: it lasts ten minutes, and knows it',
  async ({ sizing, perSecond }) => {
    const clock = new ManualClock()
    const store = new MortalStore(clock)
    const generator = generatorOn(store, clock, sizing)
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
