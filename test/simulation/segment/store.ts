import type { Tag, TagName } from '../../../internal/domain/entity/tag.ts'
import type { RestRepository } from '../../../internal/domain/generator/rest-repository.ts'
import type { SegmentRepository } from '../../../internal/domain/generator/segment-repository.ts'
import type { TagRepository } from '../../../internal/domain/generator/tag-repository.ts'
import { MemoryStore } from '../../../internal/repository/memory-store.ts'
import { MemoryRestRepository } from '../../../internal/repository/rest/memory-rest-repository.ts'
import { MemorySegmentRepository } from '../../../internal/repository/segment/memory-segment-repository.ts'
import { MemoryTagRepository } from '../../../internal/repository/tag/memory-tag-repository.ts'
import type { Clock } from '../../../pkg/clock/clock.ts'
import type { Server } from '../wire.ts'

/** What an instance asks a database for. */
export interface Repositories {
  readonly segments: SegmentRepository
  readonly tags: TagRepository
  readonly rests: RestRepository
}

/** The database at one moment. */
export interface Snapshot {
  readonly atMs: number
  readonly tables: MemoryStore
}

/** The database that all instances share. */
export class SegmentStore implements Server {
  outage: Server['outage'] = 'none'
  readonly tables = new MemoryStore()
  /** When somebody took a rest for the last time. */
  takenMs = 0
  readonly #time: Clock
  readonly #snapshots: Snapshot[] = []

  /** @param time The true time. */
  constructor(time: Clock) {
    this.#time = time
  }

  get nowMs(): number {
    return this.#time.monotonicMs()
  }

  /** What an instance of that name asks some tables for. */
  open(tables: MemoryStore, instance: string): Repositories {
    return {
      segments: new MemorySegmentRepository(tables),
      tags: new MemoryTagRepository(tables),
      rests: new MemoryRestRepository(tables, instance, () => this.#time.nowMs()),
    }
  }

  keepSnapshot(): void {
    this.#snapshots.push({ atMs: this.nowMs, tables: copyOf(this.tables) })
  }

  /** Those that were kept since then. */
  snapshotsSince(atMs: number): readonly Snapshot[] {
    return this.#snapshots.filter((snapshot) => snapshot.atMs >= atMs)
  }

  /** Everything is as it was then. */
  restore({ tables }: Snapshot): void {
    replace(this.tables.allocs, tables.allocs)
    replace(this.tables.rows, tables.rows)
    replace(this.tables.returned, tables.returned)
  }

  tag(name: TagName): Tag | undefined {
    return this.tables.tag(name)
  }
}

export function copyOf({ allocs, rows, returned }: MemoryStore): MemoryStore {
  const copy = new MemoryStore()
  replace(copy.allocs, allocs)
  replace(copy.rows, rows)
  replace(copy.returned, returned)
  return copy
}

function replace<K, V>(all: Map<K, V>, by: ReadonlyMap<K, V>): void {
  all.clear()
  for (const [key, value] of by) all.set(key, value)
}
