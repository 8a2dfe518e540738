import { firstOf, type IdRange } from '../../internal/domain/entity/id-range.ts'
import {
  NextIdSegmentExpiredError,
  SEQUENCE_OVERFLOW,
} from '../../internal/domain/entity/id-segment.ts'
import { Segment } from '../../internal/domain/entity/segment.ts'
import { MAX_ID, type TagName } from '../../internal/domain/entity/tag.ts'
import { DemandMeter } from '../../internal/domain/generator/demand-meter.ts'
import { HeldSegments } from '../../internal/domain/generator/held-segments.ts'
import { disowns } from '../../internal/domain/generator/lease-outcomes.ts'
import { Waiters } from '../../internal/domain/generator/waiters.ts'
import type { Random } from '../async/backoff.ts'
import { WorkLoop } from '../async/work-loop.ts'
import type { Clock } from '../clock/clock.ts'
import { UNAVAILABLE_CODES } from '../errors/error-code.ts'
import { deadlineExceeded } from '../errors/failures.ts'
import { GolovesError } from '../errors/goloves-error.ts'
import type { Question } from './question.ts'
import { FIRST_LEASE, type Refill, refillOf } from './refill.ts'
import type { Service } from './service.ts'

/** How many calls of one tag may wait. */
const CALLS_MAX = 100_000

/** After a refusal, and at most while the service is away. */
const RETRY_MS = 1000

/** From one lease to the next, as the service does it; after a failed one it begins anew. */
const GROWTH_MAX = 8

export interface HeldIdsOptions {
  readonly tag: TagName
  readonly service: Service
  /** How many ids are held at most, beside those that are waited for. */
  readonly heldMax: number
  readonly clock: Clock
  readonly random: Random
}

/**
 * The ids of one tag that are held ahead of their use: the service's own chain of segments, with the
 * service as the store that it leases from.
 *
 *     next() -> [ in use | ready | ready ] <- publish <- one lease in flight <- service
 *       |                                       |
 *       +-- none left: wait -------------- serves those who wait first
 *
 * 1. No id leaves twice: the service gives each once, a range is published once, and one that has an
 *    id of another that is held is refused. Ranges come in any order, since instances may answer in any.
 * 2. At most one lease is in flight. What it asks for, what is held, and nothing else is lost in a
 *    crash: `heldMax` at most, beside what callers wait for.
 * 3. When control returns to the event loop, nobody waits while an id is held.
 */
export class HeldIds {
  readonly #options: HeldIdsOptions
  readonly #held = new HeldSegments(true)
  readonly #waiters: Waiters<bigint>
  readonly #demand: DemandMeter
  readonly #refill: WorkLoop
  /** The id at which to look at what is held, so that the hot path compares and does no more. */
  readonly #reviewAt = BigInt64Array.of(MAX_ID)
  #question: Question | undefined
  #leaseMax = FIRST_LEASE
  /** Until then nothing is asked for that nobody waits for. */
  #quietUntilMs = 0
  #closed: GolovesError | undefined

  constructor(options: HeldIdsOptions) {
    const { clock, random } = options
    this.#options = options
    this.#demand = new DemandMeter(clock.monotonicMs())
    const limits = { callersMax: CALLS_MAX, idsMax: CALLS_MAX }
    this.#waiters = new Waiters(
      clock,
      limits,
      () => this.#question?.lateError ?? deadlineExceeded(),
    )
    this.#refill = new WorkLoop({
      work: () => this.#leaseOnce(),
      backoffMaxMs: () => RETRY_MS,
      clock,
      random,
    })
  }

  get tag(): TagName {
    return this.#options.tag
  }

  /** Whether nobody waits and nothing is under way. */
  get isIdle(): boolean {
    return this.#waiters.callers === 0 && !this.#refill.isRunning
  }

  /** The next id: at once while one is held. @throws GolovesError (or rejects with one). */
  next(): bigint | Promise<bigint> {
    const id = this.#held.incrementAndGet()
    if (id !== SEQUENCE_OVERFLOW && id < this.#reviewMark()) return id
    return this.#nextAtMark(id) ?? this.#wait()
  }

  /** The next id, if one is held. @throws GolovesError once it is closed. */
  nextNow(): bigint | undefined {
    const id = this.#held.incrementAndGet()
    if (id !== SEQUENCE_OVERFLOW && id < this.#reviewMark()) return id
    return this.#nextAtMark(id)
  }

  /** Exactly `count` ids, if so many are held. */
  take(count: number): readonly IdRange[] | undefined {
    const ranges = this.#held.take(count)
    if (ranges !== undefined) this.#review()
    return ranges
  }

  /** Whoever waits, and whoever asks later, is told `error`. @returns How many ids were held. */
  close(error: GolovesError): number {
    if (this.#closed !== undefined) return 0
    this.#closed = error
    this.#refill.stop()
    this.#waiters.refuseAll(error)
    return this.#drop()
  }

  #reviewMark(): bigint {
    return this.#reviewAt[0] ?? MAX_ID
  }

  /** The next id off the hot path: the segment in use has come to its end, or to the mark. */
  #nextAtMark(id: bigint): bigint | undefined {
    if (this.#closed !== undefined) throw this.#closed
    const next = id === SEQUENCE_OVERFLOW ? this.#takeOne() : id
    this.#review()
    return next
  }

  #wait(): Promise<bigint> {
    const { deadlineMs } = this.#options.service.question()
    const id = this.#waiters.add(1, { deadlineMs, onLeave: () => {} })
    this.#refill.start()
    return id
  }

  /** Sets the mark for the next look, and asks for more where there is too little. */
  #review(): void {
    const { lease, reviewAfter } = this.#plan()
    const { cursor, max, step } = this.#held.inUse
    const mark = cursor + BigInt(reviewAfter) * step
    this.#reviewAt[0] = mark < max ? mark : max
    if (lease > 0) this.#refill.start()
  }

  #plan(): Refill {
    const nowMs = this.#options.clock.monotonicMs()
    const { ids: waiting } = this.#waiters
    this.#demand.noteTotal(this.#held.givenOut + BigInt(waiting), nowMs)
    const refill = refillOf({
      ready: Number(this.#held.ready),
      waiting,
      perSecond: this.#demand.perSecond(nowMs),
      heldMax: this.#options.heldMax,
    })
    const isQuiet = waiting === 0 && nowMs < this.#quietUntilMs
    return isQuiet ? { ...refill, lease: 0 } : refill
  }

  /** One lease, if there is too little. @returns Whether to look again after it. */
  async #leaseOnce(): Promise<boolean> {
    const { lease } = this.#plan()
    if (lease === 0) return false
    const { service, tag } = this.#options
    const count = Math.min(lease, Math.max(this.#leaseMax, this.#waiters.ids))
    this.#question = service.question()
    try {
      const ranges = await service.nextIdsUpTo(tag, count, this.#question)
      if (this.#closed === undefined) this.#publish(ranges)
      this.#leaseMax = count * GROWTH_MAX
      return true
    } catch (thrown) {
      this.#fail(GolovesError.from(thrown))
      return false
    }
  }

  /** Takes over what was leased and serves those who wait, in one step. @throws GolovesError INTERNAL. */
  #publish(ranges: readonly Required<IdRange>[]): void {
    const refused = ranges.filter((range) => !this.#append(range))
    this.#waiters.serve(
      () => this.#takeOne(),
      () => this.#held.isEmpty,
    )
    this.#review()
    const [first] = refused
    if (first === undefined) return
    const what = `${first.first} to ${first.last} of "${this.tag}"`
    throw new GolovesError('INTERNAL', `The service gave out ids twice: ${what} are held already.`)
  }

  #append({ first, last, step }: Required<IdRange>): boolean {
    try {
      this.#held.append(new Segment({ offset: first - step, maxId: last, step }))
      return true
    } catch (thrown) {
      if (thrown instanceof NextIdSegmentExpiredError) return false
      throw thrown
    }
  }

  #takeOne(): bigint | undefined {
    const ranges = this.#held.take(1)
    return ranges && firstOf(ranges)
  }

  /** @throws GolovesError `error`, if the next attempt may do better. */
  #fail(error: GolovesError): void {
    this.#leaseMax = FIRST_LEASE
    if (UNAVAILABLE_CODES.has(error.code) || error.code === 'DEADLINE_EXCEEDED') throw error
    this.#quietUntilMs = this.#options.clock.monotonicMs() + RETRY_MS
    if (disowns(error)) this.#drop()
    this.#waiters.refuseAll(error)
  }

  #drop(): number {
    this.#reviewAt[0] = MAX_ID
    return Number(this.#held.drop())
  }
}
