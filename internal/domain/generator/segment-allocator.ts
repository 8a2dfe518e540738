import type { Clock } from '../../../pkg/clock/clock.ts'
import { storeUnavailable, tagExhausted, tagNotFound } from '../../../pkg/errors/failures.ts'
import type { Tag } from '../entity/tag.ts'
import type { HighWaterMarks } from './high-water-marks.ts'
import type { SegmentLease, SegmentRepository } from './segment-repository.ts'
import { ensureServable, refusalOf } from './servable.ts'
import type { TagRepository } from './tag-repository.ts'

/** One attempt ends after this long; the server's own lock waits, 1 s, end before it. */
const ATTEMPT_MAX_MS = 2000

/** So often is the row read again within one attempt, before it counts as failed. */
const REREADS_MAX = 3

const RETRY_AFTER_MS = 500

export interface AllocatorPorts {
  readonly segments: SegmentRepository
  readonly tags: TagRepository
  readonly marks: HighWaterMarks
  readonly clock: Clock
}

/**
 * Leases segments of one tag, and believes only leases that cannot collide.
 *
 * 1. A lease is accepted only if it starts at or above everything this process ever leased of the
 *    tag; else the store has lost a commit, and the tag is frozen for all instances.
 * 2. An attempt that failed or was given up may have been committed: its range is never used.
 */
export class SegmentAllocator {
  readonly #ports: AllocatorPorts
  #tag: Tag

  constructor(tag: Tag, ports: AllocatorPorts) {
    this.#tag = tag
    this.#ports = ports
  }

  /** The tag as last read, `maxId` being the highest known. */
  get tag(): Tag {
    return this.#tag
  }

  /** Takes over what was read of the tag's row. */
  know(tag: Tag): void {
    this.#tag = tag
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
    // Or each attempt would move a frozen row on, until a lease passes the mark and looks good.
    if (refusalOf(this.#tag) !== undefined) await this.#reread()
    for (let reread = 0; reread <= REREADS_MAX; reread++) {
      const left = this.#tag.maxValue - this.#tag.maxId
      const size = ids < left ? ids : left
      const lease = size > 0n ? await this.#attempt(size) : undefined
      if (lease === undefined) await this.#reread()
      else if (lease.offset >= this.#ports.marks.of(this.#tag.name)) return this.#accept(lease)
      else await this.#freeze(lease)
    }
    throw storeUnavailable(RETRY_AFTER_MS, new Error('The row changed under every attempt.'))
  }

  async #attempt(size: bigint): Promise<SegmentLease | undefined> {
    const { segments, clock } = this.#ports
    const { name, step, maxValue } = this.#tag
    const limit = new AbortController()
    const callOff = clock.after(ATTEMPT_MAX_MS, () => limit.abort())
    try {
      return await segments.lease({ tag: name, size, knownStep: step, maxValue }, limit.signal)
    } finally {
      callOff()
    }
  }

  #accept(lease: SegmentLease): SegmentLease {
    const { name, maxValue } = this.#tag
    if (lease.offset < 0n || lease.maxId <= lease.offset || lease.maxId > maxValue) {
      throw new Error(`The store leased (${lease.offset}, ${lease.maxId}] of "${name}".`)
    }
    this.#ports.marks.raise(name, lease.maxId)
    this.#tag = { ...this.#tag, maxId: lease.maxId }
    return lease
  }

  /**
   * The lease lies below what this process leased before. It is spent, and the tag frozen.
   *
   * @throws GolovesError STORE_WENT_BACKWARDS once the freeze is committed; returns if somebody
   * raised the tag in between.
   */
  async #freeze({ maxId }: SegmentLease): Promise<void> {
    const { name, generation } = this.#tag
    const mark = this.#ports.marks.of(name)
    const above = mark > maxId ? mark : maxId
    const tag = await this.#ports.tags.freezeBehind(name, above, generation)
    if (tag === undefined) throw tagNotFound(name)
    this.#tag = tag
    ensureServable(tag)
  }

  /** No row matched: asks why, in a way that a stale node can't answer. */
  async #reread(): Promise<void> {
    const { name } = this.#tag
    const tag = (await this.#ports.tags.confirm([name])).get(name)
    if (tag === undefined) throw tagNotFound(name)
    this.#tag = tag
    ensureServable(tag)
    if (tag.maxId >= tag.maxValue) throw tagExhausted(name, tag.maxValue)
  }
}
