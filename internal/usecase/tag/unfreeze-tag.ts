import { parseTagName, type Tag } from '../../domain/entity/tag.ts'
import type { GeneratorRegistry } from '../../domain/generator/generator-registry.ts'
import type { TagRepository } from '../../domain/generator/tag-repository.ts'

/**
 * Lifts an operator's freeze. One that came from a store that went backwards is lifted by a raise
 * only.
 */
export class UnfreezeTag {
  readonly #tags: TagRepository
  readonly #generators: GeneratorRegistry

  constructor(tags: TagRepository, generators: GeneratorRegistry) {
    this.#tags = tags
    this.#generators = generators
  }

  /**
   * @throws GolovesError TAG_INVALID, TAG_NOT_FOUND, TAG_OPTION_INVALID if its row can't be read,
   * STORE_WENT_BACKWARDS, STORE_UNAVAILABLE.
   */
  async execute(tag: string): Promise<Tag> {
    const changed = await this.#tags.unfreeze(parseTagName(tag))
    this.#generators.apply(changed)
    return changed
  }
}
