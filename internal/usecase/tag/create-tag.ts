import type { Clock } from '../../../pkg/clock/clock.ts'
import { refuseSegmentOptions } from '../../domain/entity/segment-tag-options.ts'
import {
  type BufferKind,
  MAX_ID,
  type Mode,
  parseTagName,
  type Tag,
} from '../../domain/entity/tag.ts'
import type { GeneratorRegistry } from '../../domain/generator/generator-registry.ts'
import type { TagRepository } from '../../domain/generator/tag-repository.ts'
import { layoutFor } from './layout-for.ts'
import { checkTagOptions } from './tag-options.ts'

export interface CreateTagRequest {
  readonly tag: string
  /** Unless given, snowflake with a layout and segment without. */
  readonly mode?: Mode | undefined
  /** Of a snowflake tag, as `SnowflakeLayout.parse` reads it; `twitter` unless given. */
  readonly layout?: string | undefined
  /** How many ids one lease takes at least. What follows is for segment tags only. */
  readonly step?: number | undefined
  /** The first id will be above this; 0 unless given. */
  readonly maxId?: bigint | undefined
  /** The highest id that may ever leave; 2^63-1 unless given. */
  readonly maxValue?: bigint | undefined
  readonly buffer?: BufferKind | undefined
  readonly description?: string | undefined
}

const DEFAULT_STEP = 1000

/** Creates a tag of either mode. */
export class CreateTag {
  readonly #tags: TagRepository
  readonly #generators: GeneratorRegistry
  readonly #clock: Clock

  constructor(tags: TagRepository, generators: GeneratorRegistry, clock: Clock) {
    this.#tags = tags
    this.#generators = generators
    this.#clock = clock
  }

  /**
   * @throws GolovesError TAG_INVALID, TAG_OPTION_INVALID, TAG_ALREADY_EXISTS, STORE_UNAVAILABLE.
   */
  async execute(request: CreateTagRequest): Promise<Tag> {
    const name = parseTagName(request.tag)
    const layout = layoutFor(name, request, this.#clock.nowMs())
    if (layout === undefined) checkTagOptions(name, request)
    else refuseSegmentOptions(name, request)
    const created = await this.#tags.create({
      name,
      layout,
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
