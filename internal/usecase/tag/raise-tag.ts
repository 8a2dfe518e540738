import type { Clock } from '../../../pkg/clock/clock.ts'
import { tagOptionInvalid } from '../../../pkg/errors/failures.ts'
import { MAX_ID, parseTagName, type Tag } from '../../domain/entity/tag.ts'
import type { GeneratorRegistry } from '../../domain/generator/generator-registry.ts'
import type { TagRepository } from '../../domain/generator/tag-repository.ts'

export interface RaisedTag {
  readonly tag: Tag
  /**
   * From this moment, in milliseconds since 1970, no instance that reaches the store gives out an
   * id leased before the raise.
   */
  readonly holdsFromMs: number
}

/**
 * Moves a segment tag on, above an id that is known to be used: after a restore, or when a table
 * was taken over.
 */
export class RaiseTag {
  readonly #tags: TagRepository
  readonly #generators: GeneratorRegistry
  readonly #clock: Clock

  constructor(tags: TagRepository, generators: GeneratorRegistry, clock: Clock) {
    this.#tags = tags
    this.#generators = generators
    this.#clock = clock
  }

  /**
   * @param above The next id that is leased will be above this. Never lowers anything.
   * @throws GolovesError TAG_INVALID, TAG_NOT_FOUND, MODE_MISMATCH for a snowflake tag,
   * TAG_OPTION_INVALID, STORE_UNAVAILABLE.
   */
  async execute(tag: string, above: bigint): Promise<RaisedTag> {
    const name = parseTagName(tag)
    if (above < 0n || above > MAX_ID) {
      throw tagOptionInvalid(name, `it can be raised above 0 to ${MAX_ID}`)
    }
    const raised = await this.#tags.raise(name, above)
    this.#generators.apply(raised)
    return { tag: raised, holdsFromMs: this.#clock.nowMs() + this.#generators.settleMs }
  }
}
