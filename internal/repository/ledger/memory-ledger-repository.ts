import type { TagName } from '../../domain/entity/tag.ts'
import {
  type LedgerEntry,
  type LedgerRecord,
  LedgerRepository,
} from '../../domain/generator/ledger-repository.ts'
import type { MemoryStore } from '../memory-store.ts'

/** The ledger of a `MemoryStore`. */
export class MemoryLedgerRepository extends LedgerRepository {
  readonly #store: MemoryStore
  readonly #instance: string
  readonly #nowMs: () => number

  /** @param nowMs The clock of the store, in milliseconds since 1970. */
  constructor(store: MemoryStore, instance: string, nowMs: () => number) {
    super()
    this.#store = store
    this.#instance = instance
    this.#nowMs = nowMs
  }

  async append(entries: readonly LedgerEntry[]): Promise<void> {
    for (const { tag, range } of entries) {
      const key = `${tag} ${range.first} ${range.last} ${this.#instance}`
      if (this.#store.ledger.has(key)) continue
      const record = { instance: this.#instance, address: '', leasedAtMs: this.#nowMs() }
      this.#store.ledger.set(key, { tag, range, ...record })
    }
  }

  async find(name: TagName, id: bigint): Promise<LedgerRecord | undefined> {
    return [...this.#store.ledger.values()]
      .filter(({ tag, range: { first, last } }) => tag === name && first <= id && id <= last)
      .sort(latestFirst)[0]
  }

  async prune(ageMs: number): Promise<boolean> {
    const records = [...this.#store.ledger]
    for (const [key, { tag, range, leasedAtMs }] of records) {
      const isHighest = records.every(([, r]) => r.tag !== tag || r.range.last <= range.last)
      if (!isHighest && leasedAtMs < this.#nowMs() - ageMs) this.#store.ledger.delete(key)
    }
    return false
  }
}

/** Of two of the same moment, the one that begins later is what is left of the other. */
function latestFirst(one: LedgerRecord, other: LedgerRecord): number {
  return other.leasedAtMs - one.leasedAtMs || (one.range.first > other.range.first ? -1 : 1)
}
