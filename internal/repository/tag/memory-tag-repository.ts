import { tagAlreadyExists, tagNotFound } from '../../../pkg/errors/failures.ts'
import type { Tag, TagName } from '../../domain/entity/tag.ts'
import {
  type NewTag,
  type TagChanges,
  TagRepository,
} from '../../domain/generator/tag-repository.ts'
import type { MemoryStore } from '../memory-store.ts'
import {
  created,
  deleted,
  frozen,
  frozenBehind,
  raised,
  unfrozen,
  updated,
} from './tag-transitions.ts'

/** The tags of a `MemoryStore`. */
export class MemoryTagRepository extends TagRepository {
  readonly #store: MemoryStore

  constructor(store: MemoryStore) {
    super()
    this.#store = store
  }

  async findAll(names: readonly TagName[]): Promise<ReadonlyMap<TagName, Tag>> {
    return this.#existingOf(names)
  }

  async confirm(names: readonly TagName[]): Promise<ReadonlyMap<TagName, Tag>> {
    return this.#existingOf(names)
  }

  async list(after: string, limit: number): Promise<readonly Tag[]> {
    const tags = this.#store.tags().filter((tag) => tag.name > after)
    // Names are ASCII, so that the order of JavaScript's strings is that of their bytes.
    return tags.sort((one, other) => (one.name < other.name ? -1 : 1)).slice(0, limit)
  }

  async create(wanted: NewTag): Promise<Tag> {
    if (this.#store.tag(wanted.name)) throw tagAlreadyExists(wanted.name)
    return this.#store.save(created(wanted, this.#store.rows.get(wanted.name)))
  }

  async update(name: TagName, version: bigint, changes: TagChanges): Promise<Tag> {
    return this.#store.save(updated(this.#existing(name), version, changes))
  }

  async raise(name: TagName, above: bigint): Promise<Tag> {
    return this.#store.save(raised(this.#existing(name), above))
  }

  async freeze(name: TagName): Promise<Tag> {
    return this.#store.save(frozen(this.#existing(name)))
  }

  async unfreeze(name: TagName): Promise<Tag> {
    return this.#store.save(unfrozen(this.#existing(name)))
  }

  async freezeBehind(name: TagName, above: bigint, generation: bigint): Promise<Tag | undefined> {
    const tag = this.#store.tag(name)
    return tag && this.#store.save(frozenBehind(tag, above, generation))
  }

  async delete(name: TagName): Promise<void> {
    this.#store.bury(deleted(this.#existing(name)))
  }

  #existingOf(names: readonly TagName[]): Map<TagName, Tag> {
    const tags = names.map((name) => this.#store.tag(name)).filter((tag) => tag !== undefined)
    return new Map(tags.map((tag) => [tag.name, tag]))
  }

  #existing(name: TagName): Tag {
    const tag = this.#store.tag(name)
    if (tag === undefined) throw tagNotFound(name)
    return tag
  }
}
