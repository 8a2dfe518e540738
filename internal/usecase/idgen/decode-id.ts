import { idInvalid, modeMismatch, tagOptionInvalid } from '../../../pkg/errors/failures.ts'
import type { SnowflakeLayout } from '../../domain/entity/snowflake-layout.ts'
import type { GeneratorRegistry } from '../../domain/generator/generator-registry.ts'
import type { GetTag } from '../tag/get-tag.ts'

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
  readonly #getTag: GetTag
  readonly #generators: GeneratorRegistry

  constructor(getTag: GetTag, generators: GeneratorRegistry) {
    this.#getTag = getTag
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
    const known = this.#generators.known(tag) ?? (await this.#getTag.execute(tag))
    const { name, mode, layout, fault } = known
    if (fault !== undefined) throw tagOptionInvalid(name, fault)
    if (layout === undefined) throw modeMismatch(name, mode)
    return decoded(layout, id)
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
