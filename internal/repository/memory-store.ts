import { isTagName, type Tag, type TagName } from '../domain/entity/tag.ts'
import type { LedgerRecord } from '../domain/generator/ledger-repository.ts'
import type { Rest } from '../domain/generator/rest-repository.ts'
import { type AllocRow, NO_TAG_ROW, type TagRow, tagOf } from './tag/tag-rows.ts'

interface ReturnedRow extends Rest {
  /** The instance that has them now; undefined while nobody has. */
  readonly takenBy: string | undefined
  readonly returnedMs: number
}

/** A row of `leaf_ledger`, and the address of its instance. */
export interface LedgerRow extends LedgerRecord {
  readonly tag: TagName
}

/**
 * The tables of a store that lives as long as the process: for tests and simulations. Whoever wants
 * to change a row by hand changes the map.
 */
export class MemoryStore {
  /** `leaf_alloc` */
  readonly allocs = new Map<string, AllocRow>()
  /** `leaf_tag` */
  readonly rows = new Map<string, TagRow>()
  /** `leaf_returned`, by tag and last id */
  readonly returned = new Map<string, ReturnedRow>()
  /** `leaf_ledger`, by all that makes an entry */
  readonly ledger = new Map<string, LedgerRow>()

  /** The row of `leaf_tag`, or what holds without one. */
  row(name: TagName): TagRow {
    return this.rows.get(name) ?? NO_TAG_ROW
  }

  tag(name: TagName): Tag | undefined {
    return tagOf(name, this.allocs.get(name), this.row(name))
  }

  /** Those whose names are tags. */
  tags(): Tag[] {
    const names = new Set([...this.allocs.keys(), ...this.rows.keys()])
    const tags = [...names].filter(isTagName).map((name) => this.tag(name))
    return tags.filter((tag) => tag !== undefined)
  }

  /** Writes the rows of a tag. */
  save(tag: Tag): Tag {
    const { name, maxId, step, description, ...row } = tag
    if (tag.mode === 'segment') this.allocs.set(name, { maxId, step, description })
    this.rows.set(name, { ...row, isDeleted: false })
    return tag
  }

  /** Leaves nothing of a tag but its tombstone. */
  bury(tombstone: Tag): void {
    const { name, maxId, step, description, ...row } = tombstone
    if (tombstone.mode === 'segment') this.allocs.delete(name)
    this.rows.set(name, { ...row, isDeleted: true })
  }
}
