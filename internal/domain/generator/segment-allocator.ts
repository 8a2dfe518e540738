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
import type { SegmentLease, SegmentLeaseRequest, SegmentRepository } from './segment-repository.ts'
import { ensureServable, refusalOf } from './servable.ts'

/** One attempt ends after this long; the server's own lock waits, 1 s, end before it. */
const ATTEMPT_MAX_MS = 2000

/**
 * So often is it tried in one go, the row being read again in between, before that counts as
 * failed.
 */
const TRIES_MAX = 4

const RETRY_AFTER_MS = 500

export interface AllocatorPorts {
  readonly segments: SegmentRepository
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
 * 2. An attempt that failed or was given up may have been committed: its range is never used.
 */
export class SegmentAllocator {
  readonly #ports: AllocatorPorts
  /** The row as it was last read. */
  #tag: Tag
  /** The highest id of it that is known to be leased. */
  #maxId: bigint
  #limit: AbortController | undefined
  #abandoned = false

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
   * One attempt to lease `ids`, or as many as are left under the tag's `maxValue`. Callers see to
   * it that only one runs at a time.
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

  async #attempt(size: bigint): Promise<SegmentLease | undefined> {
    if (this.#abandoned) throw storeUnavailable(RETRY_AFTER_MS)
    const { segments, clock } = this.#ports
    const { name, step, maxValue } = this.#tag
    const request = { tag: name, size, knownStep: step, maxValue }
    const work = async (signal: AbortSignal) => {
      const lease = await segments.lease(request, signal)
      // A reply that is late must not be measured against what was leased since.
      if (signal.aborted) throw storeUnavailable(RETRY_AFTER_MS)
      if (lease !== undefined) assertAnswers(lease, request)
      return lease
    }
    this.#limit = new AbortController()
    return await withTimeLimit(clock, ATTEMPT_MAX_MS, work, this.#limit)
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
    const { name } = this.#tag
    this.#learn((await this.#ports.guard.confirm([name])).get(name))
    if (this.#tag.maxId >= this.#tag.maxValue) throw tagExhausted(name, this.#tag.maxValue)
  }

  #learn(tag: Tag | undefined): void {
    if (tag === undefined) throw tagNotFound(this.#tag.name)
    if (tag.mode !== 'segment') throw modeMismatch(tag.name, tag.mode)
    this.know(tag)
    ensureServable(tag)
  }
}

/** Promise 3. */
function assertAnswers({ offset, maxId }: SegmentLease, { tag, maxValue }: SegmentLeaseRequest) {
  if (offset < 0n || maxId <= offset || maxId > maxValue) {
    throw new Error(`The store leased (${offset}, ${maxId}] of "${tag}".`)
  }
}
