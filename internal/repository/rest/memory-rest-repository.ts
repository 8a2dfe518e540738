import { higherOf } from '../../domain/entity/id-range.ts'
import type { Tag } from '../../domain/entity/tag.ts'
import { type Rest, RestRepository } from '../../domain/generator/rest-repository.ts'
import type { SegmentLease } from '../../domain/generator/segment-repository.ts'
import type { MemoryStore } from '../memory-store.ts'

/** What was given back to a `MemoryStore`. */
export class MemoryRestRepository extends RestRepository {
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

  async giveBack(rests: readonly Rest[]): Promise<void> {
    for (const rest of rests) {
      const key = `${rest.tag} ${rest.range.last}`
      const row = this.#store.returned.get(key)
      if (row !== undefined && row.takenBy !== this.#instance) continue
      const first = higherOf(rest.range.first, row?.range.first ?? 0n)
      const range = { first, last: rest.range.last }
      const returnedMs = this.#nowMs()
      this.#store.returned.set(key, { ...rest, range, takenBy: undefined, returnedMs })
    }
  }

  async take({ name, generation }: Tag, above: bigint): Promise<SegmentLease | undefined> {
    if (this.#store.row(name).generation !== generation) return undefined
    const [lowest] = [...this.#store.returned]
      .filter(([, { tag, takenBy }]) => tag === name && takenBy === undefined)
      .filter(([, row]) => row.generation === generation && row.range.first > above)
      .sort(([, one], [, other]) => (one.range.first < other.range.first ? -1 : 1))
    if (lowest === undefined) return undefined
    const [key, row] = lowest
    this.#store.returned.set(key, { ...row, takenBy: this.#instance })
    return { offset: row.range.first - 1n, maxId: row.range.last }
  }

  async prune(ageMs: number): Promise<boolean> {
    for (const [key, { returnedMs }] of this.#store.returned) {
      if (returnedMs < this.#nowMs() - ageMs) this.#store.returned.delete(key)
    }
    return false
  }
}
