import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import { aTag } from '../../../test/support/a-tag.ts'
import { countOf } from '../../../test/support/count-of.ts'
import { loneGenerator } from '../../../test/support/lone-generator.ts'
import { settled } from '../../../test/support/manual-clock.ts'
import {
  Moments,
  type Outcome,
  ScheduledClock,
  ScheduledStore,
} from '../../../test/support/scheduled.ts'
import type { IdRange } from '../entity/id-range.ts'
import { doubleBuffer } from './double-buffer.ts'
import type { PrefetchPolicy } from './prefetch.ts'
import { segmentChain } from './segment-chain.ts'
import type { SegmentGenerator } from './segment-generator.ts'

/**
 * Goal: whatever the order in which callers come and leave, timers fire and leases end, and
 * whichever of them fail, promises 1 to 5 hold.
 * Method: fast-check's scheduler decides what happens next; after every step the invariants are
 * checked, and at the end every id that left is compared.
 */

const TAG = aTag({ step: 4 })

type Action =
  | { readonly type: 'next' }
  | { readonly type: 'take'; readonly count: number }
  | { readonly type: 'drop' }
  | { readonly type: 'leave' }

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ type: 'next' } as const) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('take' as const),
      count: fc.integer({ min: 1, max: 15 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ type: 'drop' } as const) },
  { weight: 1, arbitrary: fc.constant({ type: 'leave' } as const) },
)

const outcome = fc.constantFrom<Outcome>('ok', 'ok', 'ok', 'failed', 'reply lost')

interface Call {
  readonly count: number
  readonly began: number
  waited: boolean
  ended: number | undefined
  ranges: readonly IdRange[]
}

/** Calls the generator as callers would, and remembers all that it said. */
class Callers {
  readonly calls: Call[] = []
  /** The moments at which everything in memory and under way was dropped. */
  readonly drops: number[] = []
  readonly #generator: SegmentGenerator
  readonly #moments: Moments
  readonly #leave: (() => void)[] = []

  constructor(generator: SegmentGenerator, moments: Moments) {
    this.#generator = generator
    this.#moments = moments
  }

  get waiting(): number {
    return this.calls.filter(({ ended }) => ended === undefined).length
  }

  perform(action: Action): void {
    if (action.type === 'next') this.#ask(1)
    if (action.type === 'take') this.#ask(action.count)
    if (action.type === 'leave') this.#leave.shift()?.()
    if (action.type === 'drop') {
      this.drops.push(this.#moments.next())
      this.#generator.drop('the test says so')
    }
  }

  /** Promise 5: nobody waits whose whole count is in memory. */
  checkNobodyWaitsInVain(): void {
    const ready = countOf(this.#generator.state().ranges)
    for (const { ended, count } of this.calls) {
      if (ended === undefined) expect(BigInt(count)).toBeGreaterThan(ready)
    }
  }

  #ask(count: number): void {
    const call: Call = {
      count,
      began: this.#moments.next(),
      waited: false,
      ended: undefined,
      ranges: [],
    }
    const end = (ranges: readonly IdRange[]) => {
      call.ranges = ranges
      call.ended = this.#moments.next()
    }
    const caller = { deadlineMs: 1, onLeave: (left: () => void) => this.#leave.push(left) }
    this.calls.push(call)
    const hadEnough = countOf(this.#generator.state().ranges) >= BigInt(count)
    const answer = count === 1 ? this.#generator.next(caller) : this.#generator.take(count, caller)
    call.waited = answer instanceof Promise
    expect(call.waited).toBe(!hadEnough)
    if (typeof answer === 'bigint') end([{ first: answer, last: answer }])
    else if (!(answer instanceof Promise)) end(answer)
    else
      answer.then(
        (got) => end(typeof got === 'bigint' ? [{ first: got, last: got }] : got),
        (error: unknown) => {
          expect(error).toBeInstanceOf(GolovesError)
          end([])
        },
      )
  }
}

function checkPromises(store: ScheduledStore, { calls, drops }: Callers): void {
  const answered = calls.filter(({ ranges }) => ranges.length > 0)
  const ids = answered.flatMap(({ ranges }) => ranges.flatMap(idsOf))
  expect(new Set(ids).size).toBe(ids.length)
  for (const { ranges, count } of answered) {
    expect(countOf(ranges)).toBe(BigInt(count))
    const flat = ranges.flatMap(idsOf)
    expect(flat).toEqual([...flat].sort((a, b) => Number(a - b)))
  }
  for (const { ranges, ended = 0 } of answered) {
    const lastDrop = Math.max(0, ...drops.filter((moment) => moment < ended))
    for (const id of ranges.flatMap(idsOf)) {
      const lease = store.committed.find(({ offset, maxId }) => offset < id && id <= maxId)
      expect(lease?.asked).toBeGreaterThan(lastDrop)
    }
  }
  checkOrder(answered)
  checkFirstComeFirstServed(answered)
  expect(store.inFlightMax).toBeLessThanOrEqual(1)
  expect(calls.filter(({ ended }) => ended === undefined)).toEqual([])
}

/** Promise 2: a call that begins after another one ended gets higher ids. */
function checkOrder(answered: readonly Call[]): void {
  for (const earlier of answered) {
    for (const later of answered) {
      if (earlier.ended === undefined || earlier.ended > later.began) continue
      expect(lowest(later)).toBeGreaterThan(highest(earlier))
    }
  }
}

/** Callers that wait for one id each are served in the order in which they came. */
function checkFirstComeFirstServed(answered: readonly Call[]): void {
  const waited = answered.filter(({ waited, count }) => waited && count === 1)
  const inOrder = waited.toSorted((one, other) => one.began - other.began).map(lowest)
  expect(inOrder).toEqual(inOrder.toSorted((a, b) => Number(a - b)))
}

function lowest({ ranges }: Call): bigint {
  return ranges[0]?.first ?? 0n
}

function highest({ ranges }: Call): bigint {
  return ranges.at(-1)?.last ?? 0n
}

function idsOf({ first, last }: IdRange): bigint[] {
  const ids: bigint[] = []
  for (let id = first; id <= last; id++) ids.push(id)
  return ids
}

const POLICIES: [string, PrefetchPolicy][] = [
  ['double buffer, fixed', doubleBuffer({ sizing: 'fixed', prefetchAt: 0.2 })],
  ['double buffer, adaptive', doubleBuffer({ sizing: 'adaptive', prefetchAt: 0.2 })],
  ['chain, fixed', segmentChain({ sizing: 'fixed', safeDistance: 2, reserveS: 600 })],
  ['chain, adaptive', segmentChain({ sizing: 'adaptive', safeDistance: 2, reserveS: 600 })],
]

test.each(POLICIES)('%s: whatever the interleaving, promises 1 to 5 hold', async (_, policy) => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(action, { minLength: 1, maxLength: 30 }),
      fc.array(outcome, { maxLength: 8 }),
      async (scheduler, actions, outcomes) => {
        const moments = new Moments()
        const store = new ScheduledStore(scheduler, outcomes, moments, TAG.maxId)
        const clock = new ScheduledClock(scheduler)
        const generator = loneGenerator({ tag: TAG, segments: store, policy, clock })
        const callers = new Callers(generator, moments)
        for (const [index, action] of actions.entries()) {
          void scheduler
            .schedule(Promise.resolve(), `action ${index}: ${action.type}`)
            .then(() => callers.perform(action))
        }
        while (scheduler.count() > 0) {
          await scheduler.waitNext(1)
          await settled()
          callers.checkNobodyWaitsInVain()
          // While somebody waits, a lease is under way or, beside the deadlines, a retry is due.
          if (callers.waiting > 0)
            expect(store.inFlight + clock.pending).toBeGreaterThan(callers.waiting)
        }
        checkPromises(store, callers)
      },
    ),
    { numRuns: 300 },
  )
})
