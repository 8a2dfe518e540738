import { type BufferKind, MAX_ID, parseTagName, type Tag } from '../../domain/entity/tag.ts'
import type { GeneratorRegistry } from '../../domain/generator/generator-registry.ts'
import type { TagRepository } from '../../domain/generator/tag-repository.ts'
import { checkTagOptions } from './tag-options.ts'

export interface CreateTagRequest {
  readonly tag: string
  /** How many ids one lease takes at least. */
  readonly step?: number | undefined
  /** The first id will be above this; 0 unless given. */
  readonly maxId?: bigint | undefined
  /** The highest id that may ever leave; 2^63-1 unless given. */
  readonly maxValue?: bigint | undefined
  readonly buffer?: BufferKind | undefined
  readonly description?: string | undefined
}

const DEFAULT_STEP = 1000

/** Creates a tag of segment mode. */
export class CreateTag {
  readonly #tags: TagRepository
  readonly #generators: GeneratorRegistry

  constructor(tags: TagRepository, generators: GeneratorRegistry) {
    this.#tags = tags
    this.#generators = generators
  }

  /**
   * @throws GolovesError TAG_INVALID, TAG_OPTION_INVALID, TAG_ALREADY_EXISTS, STORE_UNAVAILABLE.
   */
  async execute(request: CreateTagRequest): Promise<Tag> {
    const name = parseTagName(request.tag)
    checkTagOptions(name, request)
    const created = await this.#tags.create({
      name,
      step: request.step ?? DEFAULT_STEP,
      maxId: request.maxId ?? 0n,
      maxValue: request.maxValue ?? MAX_ID,
      buffer: request.buffer,
      description: request.description ?? '',
    })
    this.#generators.apply(created)
    return created
  }
}
