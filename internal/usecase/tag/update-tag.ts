import { type BufferKind, parseTagName, type Tag } from '../../domain/entity/tag.ts'
import type { GeneratorRegistry } from '../../domain/generator/generator-registry.ts'
import type { TagRepository } from '../../domain/generator/tag-repository.ts'
import { checkTagOptions } from './tag-options.ts'

export interface UpdateTagRequest {
  readonly tag: string
  /** The version of the tag that the caller saw; the change is refused if it has another by now. */
  readonly version: bigint
  readonly step?: number | undefined
  readonly maxValue?: bigint | undefined
  readonly buffer?: BufferKind | undefined
  readonly description?: string | undefined
}

/**
 * Changes a tag's options, of which a snowflake tag has none. Other instances notice within the refresh
 * time.
 */
export class UpdateTag {
  readonly #tags: TagRepository
  readonly #generators: GeneratorRegistry

  constructor(tags: TagRepository, generators: GeneratorRegistry) {
    this.#tags = tags
    this.#generators = generators
  }

  /**
   * @throws GolovesError TAG_INVALID, TAG_OPTION_INVALID, TAG_NOT_FOUND, TAG_CONFLICT,
   * STORE_UNAVAILABLE.
   */
  async execute({ tag, version, ...changes }: UpdateTagRequest): Promise<Tag> {
    const name = parseTagName(tag)
    checkTagOptions(name, changes)
    const updated = await this.#tags.update(name, version, changes)
    this.#generators.apply(updated)
    return updated
  }
}
