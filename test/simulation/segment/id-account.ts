import { type IdRange, sizeOf } from '../../../internal/domain/entity/id-range.ts'
import type { TagName } from '../../../internal/domain/entity/tag.ts'
import type { SegmentLease } from '../../../internal/domain/generator/segment-repository.ts'

/** Counts what has become of the ids of one tag. */
interface Balance {
  leased: bigint
  given: bigint
  /** Those that were lost to a fault, or by the will of an operator. */
  explained: bigint
  /** The largest lease. */
  largest: bigint
}

/** Where all ids have gone that were ever leased, so that none is burnt without a fault. */
export class IdAccount {
  readonly #balances = new Map<TagName, Balance>()

  /** The store gives ids, though nobody may hear of it. */
  executed(tag: TagName, { offset, maxId }: SegmentLease, isRest: boolean): void {
    const balance = this.#of(tag)
    const size = maxId - offset
    if (!isRest) balance.leased += size
    balance.explained += size
    if (size > balance.largest) balance.largest = size
  }

  /** Somebody heard of it in time. */
  heard(tag: TagName, { offset, maxId }: SegmentLease): void {
    this.#of(tag).explained -= maxId - offset
  }

  gave(tag: TagName, ranges: readonly IdRange[]): void {
    this.#of(tag).given += sum(ranges)
  }

  /** An instance has lost what it held. */
  lost(tag: TagName, ids: bigint): void {
    this.#of(tag).explained += ids
  }

  /** The store has got back what an instance has lost so. */
  returned(tag: TagName, range: IdRange): void {
    this.#of(tag).explained -= sizeOf(range)
  }

  /** How many ids nothing explains, given how many are still there. Up to `spared` leases may be missing. */
  missing(tag: TagName, remaining: bigint, spared: number): bigint {
    const { leased, given, explained, largest } = this.#of(tag)
    return leased - given - explained - remaining - BigInt(spared) * largest
  }

  #of(tag: TagName): Balance {
    const nothing = { leased: 0n, given: 0n, explained: 0n, largest: 0n }
    const balance = this.#balances.get(tag) ?? nothing
    this.#balances.set(tag, balance)
    return balance
  }
}

/** How many ids some ranges have. */
export function sum(ranges: readonly IdRange[]): bigint {
  return ranges.reduce((ids, range) => ids + sizeOf(range), 0n)
}
