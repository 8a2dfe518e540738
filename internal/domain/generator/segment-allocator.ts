import { withTimeLimit } from '../../../pkg/async/time-limit.ts'
import type { Clock } from '../../../pkg/clock/clock.ts'
import {
  modeMismatch,
  storeUnavailable,
  tagExhausted,
  tagNotFound,
} from '../../../pkg/errors/failures.ts'
import { higherOf } from '../entity/id-range.ts'
import type { Tag } from '../entity/tag.ts'
import type { HighWaterMarks } from './high-water-marks.ts'
import type { LossGuard } from './loss-guard.ts'
import type { RestRepository } from './rest-repository.ts'
import type { SegmentLease, SegmentRepository } from './segment-repository.ts'
import { ensureServable, refusalOf } from './servable.ts'

/** One attempt ends after this long; the server's own lock waits, 1 s, end before it. */
const ATTEMPT_MAX_MS = 2000

/**
 * So often is it tried in one go, the row being read again in between, before that counts as
 * failed.
 */
const TRIES_MAX = 4

/** Where nothing was given back, it is asked for again after this time. */
const NO_RESTS_MS = 60_000

const RETRY_AFTER_MS = 500

export interface AllocatorPorts {
  readonly segments: SegmentRepository
  readonly rests: RestRepository
  readonly guard: LossGuard
  readonly marks: HighWaterMarks
  readonly clock: Clock
}

/**
 * Leases segments of one tag, and believes only leases that cannot collide.
 *
 * 1. A lease is accepted only if it starts at or above everything this process ever leased of the
 *    tag; else the store has lost a commit, and the tag is frozen for all instances before anything
 *    else is asked of it.
 * 2. What another instance gave back is taken before anything is leased anew, lowest first, and only
 *    if it lies above everything this process ever leased of the tag.
 * 3. An attempt that failed or was given up may have been committed: its range is never used.
 */
export class SegmentAllocator {
  readonly #ports: AllocatorPorts
  /** The row as it was last read. */
  #tag: Tag
  /** The highest id of it that is known to be leased. */
  #maxId: bigint
  #limit: AbortController | undefined
  #abandoned = false
  /** Until then, on the monotonic clock, nobody is believed to have given back anything for us. */
  #noRestsUntilMs = 0

  constructor(tag: Tag, ports: AllocatorPorts) {
    this.#tag = tag
    this.#maxId = tag.maxId
    this.#ports = ports
  }

  /** The tag as last read: the same object until it is read again. */
  get tag(): Tag {
    return this.#tag
  }

  /** How many ids the tag has left under its `maxValue`, as far as is known. */
  get left(): bigint {
    return this.#tag.maxValue - this.#maxId
  }

  /** Takes over what was read of the tag's row. */
  know(tag: Tag): void {
    this.#tag = tag
    this.#maxId = tag.maxId
  }

  /**
   * One attempt to lease `ids`, or as many as are left under the tag's `maxValue`; or what another
   * instance gave back, however many that are. Callers see to it that only one runs at a time.
   *
   * @throws GolovesError STORE_UNAVAILABLE when the outcome is unknown; anything else is the
   * store's verdict on the tag: TAG_NOT_FOUND, TAG_EXHAUSTED, TAG_FROZEN, TAG_OPTION_INVALID,
   * MODE_MISMATCH, STORE_WENT_BACKWARDS.
   */
  async lease(ids: bigint): Promise<SegmentLease> {
    // Or each attempt would move such a row on, until a lease passes the mark and looks good.
    const isHalted =
      this.#ports.guard.owesFreeze(this.#tag.name) || refusalOf(this.#tag) !== undefined
    if (isHalted) await this.#reread()
    const asksForRests = this.left === 0n || this.#ports.clock.monotonicMs() >= this.#noRestsUntilMs
    const rest = asksForRests ? await this.#takeRest() : undefined
    if (rest !== undefined) return rest
    for (let tries = 1; ; tries++) {
      const size = ids < this.left ? ids : this.left
      const lease = size > 0n ? await this.#attempt(size) : undefined
      const mark = this.#ports.marks.of(this.#tag.name)
      if (lease !== undefined && lease.offset >= mark) return this.#accept(lease)
      if (lease !== undefined) await this.#freeze(higherOf(mark, lease.maxId))
      if (tries === TRIES_MAX) break
      await this.#reread()
    }
    throw storeUnavailable(RETRY_AFTER_MS, new Error('The row changed under every attempt.'))
  }

  /** Gives up the attempt under way, for good: whatever it leased is spent. */
  abandon(): void {
    this.#abandoned = true
    this.#limit?.abort()
  }

  async #takeRest(): Promise<SegmentLease | undefined> {
    const { rests, marks, clock } = this.#ports
    const tag = this.#tag
    const mark = marks.of(tag.name)
    // Also if this fails: what only saves ids does not stand in the way of the next attempt.
    this.#noRestsUntilMs = clock.monotonicMs() + NO_RESTS_MS
    const rest = await this.#inTime((signal) => rests.take(tag, mark, signal))
    if (rest === undefined) return undefined
    this.#noRestsUntilMs = 0
    assertInRange(rest, tag)
    if (rest.offset < mark) throw new Error(`A rest of "${tag.name}" lies below ${mark}.`)
    marks.raise(tag.name, rest.maxId)
    return rest
  }

  async #attempt(size: bigint): Promise<SegmentLease | undefined> {
    const tag = this.#tag
    const { name, step, generation, maxValue } = tag
    const request = { tag: name, size, knownStep: step, generation, maxValue }
    const lease = await this.#inTime((signal) => this.#ports.segments.lease(request, signal))
    if (lease !== undefined) assertInRange(lease, tag)
    return lease
  }

  /** A reply that is late is none: it must not be measured against what was leased since. */
  async #inTime<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#abandoned) throw storeUnavailable(RETRY_AFTER_MS)
    this.#limit = new AbortController()
    const work = async (signal: AbortSignal) => {
      const answer = await ask(signal)
      if (signal.aborted) throw storeUnavailable(RETRY_AFTER_MS)
      return answer
    }
    try {
      return await withTimeLimit(this.#ports.clock, ATTEMPT_MAX_MS, work, this.#limit)
    } finally {
      this.#limit = undefined
    }
  }

  #accept(lease: SegmentLease): SegmentLease {
    const { name } = this.#tag
    this.#ports.marks.raise(name, lease.maxId)
    this.#maxId = lease.maxId
    return lease
  }

  /**
   * A lease lay below what this process leased before. It is spent, and the tag frozen.
   *
   * @throws GolovesError STORE_WENT_BACKWARDS once the freeze is committed.
   */
  async #freeze(lostUpTo: bigint): Promise<void> {
    this.#learn(await this.#ports.guard.freeze(this.#tag, lostUpTo))
  }

  /** Reads the row again, in a way that a stale node can't answer. @throws GolovesError its verdict. */
  async #reread(): Promise<void> {
    this.#learn(await this.#ports.guard.reread(this.#tag))
    const { name, maxId, maxValue } = this.#tag
    if (maxId >= maxValue) throw tagExhausted(name, maxValue)
  }

  #learn(tag: Tag | undefined): void {
    if (tag === undefined) throw tagNotFound(this.#tag.name)
    if (tag.mode !== 'segment') throw modeMismatch(tag.name, tag.mode)
    this.know(tag)
    ensureServable(tag)
  }
}

/** Promise 3. */
function assertInRange({ offset, maxId }: SegmentLease, { name, maxValue }: Tag) {
  if (offset < 0n || maxId <= offset || maxId > maxValue) {
    throw new Error(`The store leased (${offset}, ${maxId}] of "${name}".`)
  }
}
