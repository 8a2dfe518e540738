import { parseTagName, type Tag } from '../../domain/entity/tag.ts'
import type { GeneratorRegistry } from '../../domain/generator/generator-registry.ts'
import type { TagRepository } from '../../domain/generator/tag-repository.ts'

/** Stops a tag from handing out ids, in every instance within the refresh time. */
export class FreezeTag {
  readonly #tags: TagRepository
  readonly #generators: GeneratorRegistry

  constructor(tags: TagRepository, generators: GeneratorRegistry) {
    this.#tags = tags
    this.#generators = generators
  }

  /**
   * @throws GolovesError TAG_INVALID, TAG_NOT_FOUND, TAG_OPTION_INVALID if its row can't be read,
   * STORE_UNAVAILABLE.
   */
  async execute(tag: string): Promise<Tag> {
    const changed = await this.#tags.freeze(parseTagName(tag))
    this.#generators.apply(changed)
    return changed
  }
}
