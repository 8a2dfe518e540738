import { isTagName, type Tag, type TagName } from '../domain/entity/tag.ts'
import { type AllocRow, NO_TAG_ROW, type TagRow, tagOf } from './tag/tag-rows.ts'

/**
 * The tables of a store that lives as long as the process: for tests and simulations. Whoever wants
 * to change a row by hand changes the map.
 */
export class MemoryStore {
  /** `leaf_alloc` */
  readonly allocs = new Map<string, AllocRow>()
  /** `leaf_tag` */
  readonly rows = new Map<string, TagRow>()

  tag(name: TagName): Tag | undefined {
    const alloc = this.allocs.get(name)
    return alloc && tagOf(name, alloc, this.row(name))
  }

  /** Those whose names are tags. */
  tags(): Tag[] {
    const names = [...this.allocs.keys()].filter(isTagName)
    return names.map((name) => this.tag(name)).filter((tag) => tag !== undefined)
  }

  row(name: TagName): TagRow {
    return this.rows.get(name) ?? NO_TAG_ROW
  }

  /** Writes both rows of a tag. */
  save(tag: Tag): Tag {
    const { name, maxId, step, description, ...row } = tag
    this.allocs.set(name, { maxId, step, description })
    this.rows.set(name, row)
    return tag
  }
}
