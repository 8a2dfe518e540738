import { higherOf } from '../entity/id-range.ts'
import type { TagName } from '../entity/tag.ts'

/** Enough for any table we know of; the oldest are forgotten beyond it. About 100 bytes each. */
const MARKS_MAX = 1_000_000

/** Ids up to `upTo` were lost by the store of a tag that had `generation`. */
export interface Loss {
  readonly upTo: bigint
  readonly generation: bigint
}

/**
 * The highest id that this process has leased of each tag, for the life of the process: it outlives
 * evicted generators, deleted tags and emptied tables. A lease that starts below its mark means
 * that the store has lost a commit.
 */
export class HighWaterMarks {
  readonly #marks = new Map<TagName, bigint>()
  readonly #losses = new Map<TagName, Loss>()
  readonly #max: number

  constructor(max: number = MARKS_MAX) {
    this.#max = max
  }

  /** 0 before the first lease. */
  of(tag: TagName): bigint {
    return this.#marks.get(tag) ?? 0n
  }

  /** Never lowers a mark. */
  raise(tag: TagName, maxId: bigint): void {
    const mark = higherOf(this.of(tag), maxId)
    this.#marks.delete(tag)
    this.#marks.set(tag, mark)
    if (this.#marks.size > this.#max) this.#forgetOldest()
  }

  /** A loss that was noticed, and whose freeze is not committed yet. */
  lossOf(tag: TagName): Loss | undefined {
    return this.#losses.get(tag)
  }

  noticeLoss(tag: TagName, loss: Loss): void {
    this.#losses.set(tag, loss)
  }

  /** The freeze is committed. */
  settleLoss(tag: TagName): void {
    this.#losses.delete(tag)
  }

  #forgetOldest(): void {
    for (const oldest of this.#marks.keys()) {
      this.#marks.delete(oldest)
      return
    }
  }
}
