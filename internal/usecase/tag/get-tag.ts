import { tagNotFound } from '../../../pkg/errors/failures.ts'
import { parseTagName, type Tag } from '../../domain/entity/tag.ts'
import type { TagRepository } from '../../domain/generator/tag-repository.ts'

/** Reads one tag from the store. */
export class GetTag {
  readonly #tags: TagRepository

  constructor(tags: TagRepository) {
    this.#tags = tags
  }

  /** @throws GolovesError TAG_INVALID, TAG_NOT_FOUND, STORE_UNAVAILABLE. */
  async execute(tag: string): Promise<Tag> {
    const name = parseTagName(tag)
    const found = await this.#tags.find(name)
    if (found === undefined) throw tagNotFound(name)
    return found
  }
}
