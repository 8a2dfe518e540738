import type { Random } from '../../../pkg/async/backoff.ts'
import { WorkLoop } from '../../../pkg/async/work-loop.ts'
import type { Clock } from '../../../pkg/clock/clock.ts'
import { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import { firstOf, type IdRange } from '../entity/id-range.ts'
import { Segment } from '../entity/segment.ts'
import type { Tag } from '../entity/tag.ts'
import type { Caller } from './caller.ts'
import { DemandMeter } from './demand-meter.ts'
import type { GeneratorObserver } from './generator-observer.ts'
import type { GeneratorState } from './generator-state.ts'
import { HeldSegments } from './held-segments.ts'
import { IdGenerator } from './id-generator.ts'
import { disowns, LeaseOutcomes } from './lease-outcomes.ts'
import type { Ledger } from './ledger.ts'
import type { Level, PrefetchPolicy } from './prefetch.ts'
import { isVerdict } from './refusals.ts'
import type { SegmentAllocator } from './segment-allocator.ts'
import { lateError, Waiters, type WaitingLimits } from './waiters.ts'

/** While somebody waits, an attempt follows a failed one within this time. */
const BACKOFF_WAITING_MAX_MS = 500
const BACKOFF_IDLE_MAX_MS = 10_000

/** All that the generators of an instance have in common. */
export interface SegmentGeneratorOptions {
  /** How the tag is to keep ids ready, asked anew each time that it is read. */
  readonly policyOf: (tag: Tag) => PrefetchPolicy
  readonly clock: Clock
  readonly random: Random
  readonly observer: GeneratorObserver
  readonly ledger: Pick<Ledger, 'note'>
  readonly waiting: WaitingLimits
  /** So many milliseconds the store's verdict on a tag (exhausted, frozen, …) is not doubted. */
  readonly verdictMs: number
}

/**
 * Hands out the ids of one tag from the segments in memory, and sees to it that more are leased in
 * time.
 *
 *     next() -> [ in use | ready | ready ] <- publish <- one lease in flight <- store
 *       |                                        |
 *       +-- none left: wait --------------- serves those who wait first
 *
 * Why no id leaves twice: the store gives each range to one lease; a range is published once, by
 * the loop that asked for it; and a cursor is moved only by synchronous steps (`Segment`).
 *
 * 1. At most one lease is in flight, whoever asks.
 * 2. When control returns to the event loop, nobody waits whose whole count is in memory.
 * 3. While somebody waits, or the policy wants more, a lease is in flight or due to be tried again,
 *    unless the store has given its verdict on the tag.
 * 4. What was leased before a `drop` never leaves after it, even if its reply was still on the way.
 * 5. Until the next review, no more ids may leave than the segment in use has left: none that is none.
 */
export class SegmentGenerator extends IdGenerator {
  readonly #options: SegmentGeneratorOptions
  readonly #allocator: SegmentAllocator
  readonly #held = new HeldSegments()
  readonly #waiters: Waiters<readonly IdRange[]>
  readonly #demand: DemandMeter
  readonly #outcomes = new LeaseOutcomes()
  /** So many ids leave before the level is looked at again, so that the hot path counts and does no more. */
  #untilReview = 0
  /** None while the tag is at rest: of many tags, most are. */
  #refill: WorkLoop | undefined
  #policy: PrefetchPolicy
  /** Of the tag when the ids in memory were leased. */
  #generation: bigint
  /** Rises with each drop: a lease asked for in an earlier era is spent. */
  #era = 0
  #closed: GolovesError | undefined
  /** Whether callers had to wait since the last lease, and for the last lease. */
  #callersWaited = false
  #hungry = false

  constructor(allocator: SegmentAllocator, options: SegmentGeneratorOptions) {
    super()
    this.#options = options
    this.#allocator = allocator
    this.#policy = options.policyOf(allocator.tag)
    this.#generation = allocator.tag.generation
    this.#demand = new DemandMeter(options.clock.monotonicMs())
    this.#waiters = new Waiters(options.clock, options.waiting, () =>
      lateError(this.#outcomes.lastError),
    )
  }

  override next(caller: Caller): bigint | Promise<bigint> {
    if (this.#untilReview <= 0) return this.#nextAtReview(caller)
    this.#untilReview -= 1
    return this.#held.incrementAndGet()
  }

  override take(count: number, caller: Caller): readonly IdRange[] | Promise<readonly IdRange[]> {
    const ranges = this.#held.take(count)
    if (ranges === undefined) return this.#wait(count, caller)
    this.#untilReview -= count
    if (this.#untilReview < 0) this.#review()
    return ranges
  }

  override get tag(): Tag {
    return this.#allocator.tag
  }

  override get isIdle(): boolean {
    return this.#waiters.callers === 0 && this.#refill?.isRunning !== true
  }

  override get hasIds(): boolean {
    return !this.#held.isEmpty
  }

  override get givenOut(): bigint {
    return this.#held.givenOut
  }

  /** The segments in memory stay, cursors and all, unless they were leased under an older generation. */
  override know(tag: Tag): void {
    const { version, step } = this.tag
    if (tag.version !== version || tag.step !== step) this.#outcomes.forgetVerdict()
    this.#allocator.know(tag)
    this.#noticeGeneration()
    this.#policy = this.#options.policyOf(tag)
    if (this.isIdle) this.#refill = undefined
    if (this.hasIds) this.#review()
  }

  /** Forgets all ids in memory and those that are on their way. */
  drop(why: string): void {
    this.#era += 1
    const ids = this.#held.drop()
    this.#untilReview = 0
    if (ids > 0n) this.#options.observer.dropped(this.tag.name, ids, why)
  }

  override close(error: GolovesError): readonly IdRange[] {
    if (this.#closed !== undefined) return []
    this.#noticeGeneration()
    const { rests } = this.#held
    this.#closed = error
    this.#refill?.stop()
    this.#allocator.abandon()
    this.drop(error.message)
    this.#waiters.refuseAll(error)
    return rests
  }

  override state(): GeneratorState {
    const idsPerSecond = this.#idsPerSecond()
    return {
      ranges: this.#held.ranges,
      waiters: this.#waiters.callers,
      idsPerSecond,
      secondsLeft: idsPerSecond > 0 ? Number(this.#held.ready) / idsPerSecond : undefined,
      lastLease: this.#outcomes.lastLease,
      lastError: this.#outcomes.lastError?.code,
      worker: undefined,
    }
  }

  /** `next` off the hot path: a review is due, at the last id of the segment in use at the latest. */
  #nextAtReview(caller: Caller): bigint | Promise<bigint> {
    const ranges = this.#held.take(1)
    if (ranges === undefined) return this.#wait(1, caller).then(firstOf)
    this.#review()
    return firstOf(ranges)
  }

  /** @throws GolovesError at once where there is no point in waiting. */
  #wait(count: number, caller: Caller): Promise<readonly IdRange[]> {
    const refusal = this.#closed ?? this.#verdict()
    if (refusal !== undefined) throw refusal
    const ranges = this.#waiters.add(count, caller)
    this.#options.observer.callerWaits(this.tag.name)
    this.#callersWaited = true
    // The first caller that has to wait cuts short a back-off that was meant for nobody.
    if (this.#waiters.callers === 1) this.#refill?.hurry()
    this.#review()
    return ranges
  }

  /** What is asked for: the ids that left, and those that are waited for. */
  #idsPerSecond(): number {
    const nowMs = this.#options.clock.monotonicMs()
    this.#demand.noteTotal(this.#held.givenOut + BigInt(this.#waiters.ids), nowMs)
    return this.#demand.perSecond(nowMs)
  }

  #verdict(): GolovesError | undefined {
    return this.#outcomes.verdictAt(this.#options.clock.monotonicMs())
  }

  /** Asks the policy whether to lease, starts that, and sets when to look again. */
  #review(): void {
    const { lease, reviewAfter } = this.#policy(this.#level())
    this.#untilReview = Math.min(reviewAfter, Number(this.#held.inUse.remaining)) - 1
    if (lease > 0 && this.#verdict() === undefined) this.#startRefill()
  }

  #startRefill(): void {
    const { clock, random } = this.#options
    this.#refill ??= new WorkLoop({
      work: () => this.#leaseOnce(),
      backoffMaxMs: () =>
        this.#waiters.callers > 0 ? BACKOFF_WAITING_MAX_MS : BACKOFF_IDLE_MAX_MS,
      clock,
      random,
    })
    this.#refill.start()
  }

  #level(): Level {
    const { tag } = this
    const { remaining, size } = this.#held.inUse
    return {
      step: tag.step,
      inUse: { size: Number(size), left: Number(remaining) },
      behind: Number(this.#held.ready - remaining),
      waiting: this.#waiters.ids,
      perSecond: this.#idsPerSecond(),
      lastLease: this.#outcomes.lastLeaseSize,
      hungry: this.#hungry,
      leftToLease: Number(this.#allocator.left),
    }
  }

  /** One lease, if the policy wants one. @returns Whether to look again after it. */
  async #leaseOnce(): Promise<boolean> {
    const ids = this.#verdict() === undefined ? this.#idsToLease() : 0
    if (ids === 0) return false
    const era = this.#era
    const { observer } = this.#options
    try {
      const segment = await this.#lease(ids)
      const isSpent = era !== this.#era
      this.#noticeGeneration()
      if (isSpent) observer.dropped(this.tag.name, segment.size, 'dropped on their way')
      else this.#publish(segment)
    } catch (thrown) {
      if (this.#closed !== undefined) return false
      const error = GolovesError.from(thrown)
      this.#outcomes.failed(error)
      observer.failed(this.tag.name, error)
      if (!isVerdict(error) && error.code !== 'TAG_EXHAUSTED') throw error
      this.#accept(error)
      return false
    }
    return true
  }

  #idsToLease(): number {
    const { lease } = this.#policy(this.#level())
    // A failed attempt may have cost a range already; the next one risks no more than a step.
    return this.#outcomes.lastError === undefined ? lease : Math.min(lease, this.tag.step)
  }

  async #lease(ids: number): Promise<Segment> {
    const { clock, observer, ledger } = this.#options
    const askedMs = clock.monotonicMs()
    const { offset, maxId } = await this.#allocator.lease(BigInt(ids))
    const range = { first: offset + 1n, last: maxId }
    ledger.note(this.tag.name, range)
    observer.leased(this.tag.name, range, clock.monotonicMs() - askedMs)
    observer.recovered(this.tag.name)
    this.#outcomes.succeeded(range, clock.nowMs())
    return new Segment({ offset, maxId, fetchTime: askedMs / 1000 })
  }

  /**
   * What was leased under an older generation never leaves, whoever saw first that it has changed.
   */
  #noticeGeneration(): void {
    if (this.tag.generation === this.#generation) return
    this.#generation = this.tag.generation
    this.drop('the tag has a new generation')
  }

  /** Appends a segment and serves those who wait, in one step: no new caller comes between. */
  #publish(segment: Segment): void {
    this.#held.append(segment)
    this.#hungry = this.#callersWaited
    this.#callersWaited = false
    this.#waiters.serve(
      (count) => this.#held.take(count),
      () => this.#held.isEmpty,
    )
    this.#review()
  }

  /** The store's verdict on the tag: whoever waits is told, and the store is left alone a while. */
  #accept(verdict: GolovesError): void {
    const { clock, verdictMs } = this.#options
    this.#outcomes.judged(verdict, clock.monotonicMs() + verdictMs)
    if (disowns(verdict)) this.drop(verdict.message)
    this.#waiters.refuseAll(verdict)
  }
}
