import { parseTagName } from '../../domain/entity/tag.ts'
import type { GeneratorRegistry } from '../../domain/generator/generator-registry.ts'
import type { TagRepository } from '../../domain/generator/tag-repository.ts'

/**
 * Deletes a tag. A tombstone remembers how its ids were made and the highest one, so that a tag of
 * that name created later repeats none: it starts above, and has the same mode and layout.
 */
export class DeleteTag {
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
  async execute(tag: string): Promise<void> {
    const name = parseTagName(tag)
    await this.#tags.delete(name)
    this.#generators.forget(name)
  }
}
