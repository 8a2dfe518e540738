import type { TagName } from '../../domain/entity/tag.ts'
import {
  type LedgerEntry,
  type LedgerRecord,
  LedgerRepository,
} from '../../domain/generator/ledger-repository.ts'
import type { LedgerRow, MemoryStore } from '../memory-store.ts'

/** The ledger of a `MemoryStore`, which knows no addresses. */
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
    const instance = this.#instance
    for (const { tag, range, ageMs } of entries) {
      const key = `${tag} ${range.first} ${range.last} ${instance}`
      if (this.#store.ledger.has(key)) continue
      const leasedAtMs = this.#nowMs() - ageMs
      this.#store.ledger.set(key, { tag, range, instance, address: '', leasedAtMs })
    }
  }

  async find(name: TagName, id: bigint): Promise<LedgerRecord | undefined> {
    const [found] = [...this.#store.ledger.values()]
      .filter(({ tag, range: { first, last } }) => tag === name && first <= id && id <= last)
      .sort(latestFirst)
    if (found === undefined) return undefined
    const { tag, ...record } = found
    return record
  }

  async prune(ageMs: number): Promise<boolean> {
    const rows = [...this.#store.ledger]
    for (const [key, { tag, range, leasedAtMs }] of rows) {
      const isHighest = rows.every(([, row]) => row.tag !== tag || row.range.last <= range.last)
      if (!isHighest && leasedAtMs < this.#nowMs() - ageMs) this.#store.ledger.delete(key)
    }
    return false
  }
}

function latestFirst(one: LedgerRow, other: LedgerRow): number {
  return Number(other.range.first - one.range.first) || other.leasedAtMs - one.leasedAtMs
}
