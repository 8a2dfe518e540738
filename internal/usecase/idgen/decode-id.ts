import {
  idInvalid,
  modeMismatch,
  tagNotFound,
  tagOptionInvalid,
} from '../../../pkg/errors/failures.ts'
import type { SnowflakeLayout } from '../../domain/entity/snowflake-layout.ts'
import { parseTagName, type Tag } from '../../domain/entity/tag.ts'
import type { GeneratorRegistry } from '../../domain/generator/generator-registry.ts'
import type { TagRepository } from '../../domain/generator/tag-repository.ts'

/** What a snowflake id is made of. */
export interface DecodedId {
  /** When its tick began, in milliseconds since 1970. */
  readonly timeMs: number
  readonly worker: number
  readonly sequence: number
}

const DIGITS = /^\d{1,19}$/

/** Reads an id of a snowflake tag back into its parts, by the tag's layout alone. */
export class DecodeId {
  readonly #tags: TagRepository
  readonly #generators: GeneratorRegistry

  constructor(tags: TagRepository, generators: GeneratorRegistry) {
    this.#tags = tags
    this.#generators = generators
  }

  /**
   * Whether the id was ever handed out is not known. The tag may be frozen.
   *
   * @param id Text from a caller; what is not decimal digits is no id either.
   * @throws GolovesError TAG_INVALID, TAG_NOT_FOUND, TAG_OPTION_INVALID for a tag whose rows can't be
   * read, MODE_MISMATCH for one of segment mode, ID_INVALID, STORE_UNAVAILABLE.
   */
  async execute(tag: string, id: string): Promise<DecodedId> {
    const { name, mode, layout, fault } = this.#generators.known(tag) ?? (await this.#find(tag))
    if (fault !== undefined) throw tagOptionInvalid(name, fault)
    if (layout === undefined) throw modeMismatch(name, mode)
    return decoded(layout, id)
  }

  async #find(tag: string): Promise<Tag> {
    const name = parseTagName(tag)
    const found = await this.#tags.find(name)
    if (found === undefined) throw tagNotFound(name)
    return found
  }
}

/**
 * What an id of this layout is made of.
 *
 * @throws GolovesError ID_INVALID if the layout has no such id.
 */
export function decoded(layout: SnowflakeLayout, id: string): DecodedId {
  if (!DIGITS.test(id)) throw idInvalid(id, layout.name)
  try {
    const { tick, worker, sequence } = layout.unpack(BigInt(id))
    return { timeMs: layout.startOf(tick), worker, sequence }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw idInvalid(id, layout.name)
  }
}
