import type { IdRange } from '../../internal/domain/entity/id-range.ts'
import { ensureDisjoint } from '../support/answered.ts'
import { countOf } from '../support/count-of.ts'

/** Ids as few ranges, however many they are. */
export class MergedRanges {
  #ranges: IdRange[] = []
  readonly #news: IdRange[] = []

  /** Of what was merged. */
  get count(): bigint {
    return countOf(this.#ranges)
  }

  add(ranges: readonly IdRange[]): void {
    this.#news.push(...ranges)
  }

  /** Takes in what was added. @throws Error if an id was added twice, ever. */
  merge(): void {
    const sorted = [...this.#ranges, ...this.#news.splice(0)].sort((one, other) =>
      one.first < other.first ? -1 : 1,
    )
    ensureDisjoint(sorted)
    this.#ranges = []
    for (const { first, last } of sorted) {
      const before = this.#ranges.at(-1)
      if (before?.last !== first - 1n) this.#ranges.push({ first, last })
      else this.#ranges.splice(-1, 1, { first: before.first, last })
    }
  }
}
