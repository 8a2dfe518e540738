import type { Clock } from '../../../pkg/clock/clock.ts'
import { clockMovedBackwards, countTakesLonger, layoutEnded } from '../../../pkg/errors/failures.ts'
import { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import { append, type IdRange, sizeOf } from '../entity/id-range.ts'
import { SEQUENCE_OVERFLOW } from '../entity/id-segment.ts'
import { after, following, SnowflakeCursor } from '../entity/snowflake-cursor.ts'
import type { SnowflakeLayout } from '../entity/snowflake-layout.ts'
import type { Tag } from '../entity/tag.ts'
import type { Caller } from './caller.ts'
import { DemandMeter } from './demand-meter.ts'
import type { GeneratorState } from './generator-state.ts'
import { IdGenerator } from './id-generator.ts'
import { lateError, Waiters, type WaitingLimits } from './waiters.ts'
import type { WorkerGrant } from './worker-grant.ts'
import type { WorkerLease } from './worker-lease.ts'

/** A clock that is this little behind is waited for; one that is further behind is an error. */
const BEHIND_MAX_MS = 10

export interface SnowflakeGeneratorOptions {
  readonly tag: Tag
  /** The worker id of the tag's layout. */
  readonly lease: WorkerLease
  readonly clock: Clock
  readonly waiting: WaitingLimits
}

/**
 * Hands out the ids of one snowflake tag: time, worker id and sequence, put together in memory.
 *
 *     next() -> [ the tick's ids ] -> the tick is over or used up -> lease: is the next one ours?
 *                                      |
 *                                      +-- not begun yet: wait asleep, others are served meanwhile
 *
 * 1. No id carries a time ahead of the clock.
 * 2. No tick is used that the lease does not allow (`WorkerLease`), and none below the last one.
 * 3. When control returns to the event loop, somebody waits only if no id can leave, and then a timer
 *    is set or the lease will tell of its next change.
 */
export class SnowflakeGenerator extends IdGenerator {
  readonly #layout: SnowflakeLayout
  readonly #lease: WorkerLease
  readonly #clock: Clock
  readonly #cursor: SnowflakeCursor
  readonly #waiters: Waiters<IdRange>
  readonly #demand: DemandMeter
  readonly #stopListening: () => void
  #tag: Tag
  /** Under which the ids leave at present. */
  #grant: WorkerGrant | undefined
  /** The tick at which the first of those came who wait. */
  #since = 0
  /** How many callers have got some of their ids, whether or not they wait for more just now. */
  #collecting = 0
  #callOffWake: (() => void) | undefined
  #closed: GolovesError | undefined

  constructor({ tag, lease, clock, waiting }: SnowflakeGeneratorOptions) {
    super()
    this.#tag = tag
    this.#layout = lease.layout
    this.#lease = lease
    this.#clock = clock
    this.#cursor = new SnowflakeCursor(lease.layout)
    this.#waiters = new Waiters(clock, waiting, () =>
      lateError(lease.held === undefined ? lease.lastError : undefined),
    )
    this.#demand = new DemandMeter(clock.monotonicMs())
    this.#stopListening = lease.onChange(() => this.#serve())
  }

  override next(caller: Caller): bigint | Promise<bigint> {
    const id = this.#cursor.next(this.#clock.nowMs())
    if (id !== SEQUENCE_OVERFLOW) return id
    const range = this.#takeOrWait(1, this.#now(), caller)
    return range instanceof Promise ? range.then(({ first }) => first) : range.first
  }

  override take(count: number, caller: Caller): readonly IdRange[] | Promise<readonly IdRange[]> {
    this.#ensureTimeFor(count, caller)
    const since = this.#now()
    const range = this.#takeOrWait(count, since, caller)
    if (!(range instanceof Promise) && sizeOf(range) === BigInt(count)) return [range]
    return this.#collect(count, range, since, caller)
  }

  override get tag(): Tag {
    return this.#tag
  }

  override get isIdle(): boolean {
    return this.#waiters.callers === 0 && this.#collecting === 0
  }

  override get hasIds(): boolean {
    return this.#lease.held !== undefined
  }

  override get givenOut(): bigint {
    return this.#cursor.given
  }

  override know(tag: Tag): void {
    this.#tag = tag
  }

  override state(): GeneratorState {
    const nowMs = this.#clock.monotonicMs()
    this.#demand.noteTotal(this.givenOut + BigInt(this.#waiters.ids), nowMs)
    const idsPerSecond = this.#demand.perSecond(nowMs)
    return {
      ranges: [],
      waiters: this.#waiters.callers,
      idsPerSecond,
      secondsLeft: idsPerSecond > 0 ? this.#lease.leftMs / 1000 : undefined,
      lastLease: undefined,
      lastError: this.#lease.lastError?.code,
      worker: this.#lease.held,
    }
  }

  override close(error: GolovesError): readonly IdRange[] {
    this.#closed = error
    this.#stopListening()
    this.#callOffWake?.()
    this.#cursor.passOver(0)
    this.#waiters.refuseAll(error)
    return []
  }

  #now(): number {
    return this.#layout.tickAt(this.#clock.nowMs())
  }

  /** @throws GolovesError DEADLINE_EXCEEDED if the last of `count` ids can't be had in time, even alone. */
  #ensureTimeFor(count: number, caller: Caller): void {
    const ticks = Math.ceil(count / (this.#layout.sequenceMax + 1)) - 1
    if (ticks === 0) return
    const lastTickInMs = this.#layout.startOf(this.#now() + ticks) - this.#clock.nowMs()
    if (lastTickInMs <= caller.deadlineMs - this.#clock.monotonicMs()) return
    throw countTakesLonger(count, this.#layout.name, ticks * this.#layout.unitMs)
  }

  /** The rest of `count` ids, tick after tick. Who gives up leaves a gap in ticks that are over. */
  async #collect(
    count: number,
    first: IdRange | Promise<IdRange>,
    since: number,
    caller: Caller,
  ): Promise<readonly IdRange[]> {
    const ranges: IdRange[] = []
    this.#collecting += 1
    try {
      let range = await first
      for (let left = count; ; range = await this.#takeOrWait(left, since, caller)) {
        append(ranges, range)
        left -= Number(sizeOf(range))
        if (left === 0) return ranges
      }
    } finally {
      this.#collecting -= 1
    }
  }

  /** At least one id and at most `count`, of one tick from `since` on: at once, or when there is one. */
  #takeOrWait(count: number, since: number, caller: Caller): IdRange | Promise<IdRange> {
    if (this.#closed !== undefined) throw this.#closed
    // The tick that they wait for may have begun.
    if (this.#waiters.callers > 0) this.#serve()
    if (this.#waiters.callers === 0) {
      const range = this.#takeNow(count, since)
      if (range !== undefined) return range
      this.#since = since
    }
    const range = this.#waiters.add(count, caller)
    this.#wakeLater()
    return range
  }

  /** Gives each who waits a fair share of what there is. */
  #serve(): void {
    let isDry = false
    try {
      this.#waiters.serve(
        (count) => {
          const range = this.#takeNow(Math.min(count, this.#share()), this.#since)
          isDry = range === undefined
          return range
        },
        () => isDry,
      )
    } catch (thrown) {
      this.#waiters.refuseAll(GolovesError.from(thrown))
    }
    this.#wakeLater()
  }

  /** So that a caller who wants a million ids does not use up every tick before others. */
  #share(): number {
    return Math.ceil((this.#layout.sequenceMax + 1) / this.#waiters.callers)
  }

  /**
   * The next ids, at most `count` of one tick; undefined if none can leave yet.
   *
   * @throws GolovesError why none can leave for longer than a tick.
   */
  #takeNow(count: number, since: number): IdRange | undefined {
    const nowMs = this.#clock.nowMs()
    const now = this.#layout.tickAt(nowMs)
    if (now > this.#layout.tickMax) throw layoutEnded(this.#layout.name, this.#layout.lastMs)
    const grant = this.#lease.grantAt(now)
    if (grant === undefined) return undefined
    if (grant !== this.#grant) {
      this.#cursor.passOver(this.#lease.startOf(grant) - 1)
      this.#grant = grant
    }
    const last = this.#cursor.position
    // If the clock has stepped back since they came, they need not wait until it is there again.
    const from = Math.min(since, now)
    const position = following(last, from, now, this.#layout.sequenceMax)
    if (position === undefined) {
      const isBehind = this.#layout.startOf(last.tick) - nowMs > BEHIND_MAX_MS
      if (isBehind) throw clockMovedBackwards(this.#dueMs())
      return undefined
    }
    if (position.tick > last.tick) {
      this.#lease.use(position.tick, grant)
      this.#cursor.enter(position, grant.worker)
    }
    return this.#cursor.take(count)
  }

  /** In how many milliseconds the clock gets to the next id. */
  #dueMs(): number {
    const { tick } = after(this.#cursor.position, this.#layout.sequenceMax)
    return this.#layout.startOf(tick) - this.#clock.nowMs()
  }

  /** Without a worker id nothing is to be done before the lease tells of a change. */
  #wakeLater(): void {
    this.#callOffWake?.()
    this.#callOffWake = undefined
    if (this.#waiters.callers === 0 || this.#lease.held === undefined) return
    this.#callOffWake = this.#clock.after(Math.max(1, this.#dueMs()), () => this.#serve())
  }
}
