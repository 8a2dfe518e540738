import { parseTagName } from '../../domain/entity/tag.ts'
import type { Caller } from '../../domain/generator/caller.ts'
import type { GeneratorRegistry } from '../../domain/generator/generator-registry.ts'
import type { GeneratorState } from '../../domain/generator/generator-state.ts'

export interface TagState extends GeneratorState {
  /** The random name of the instance that answers. */
  readonly instance: string
}

/** What this instance holds of a tag. */
export class GetTagState {
  readonly #generators: GeneratorRegistry
  readonly #instance: string

  constructor(generators: GeneratorRegistry, instance: string) {
    this.#generators = generators
    this.#instance = instance
  }

  /** @throws GolovesError TAG_INVALID, TAG_NOT_FOUND, STORE_UNAVAILABLE, DEADLINE_EXCEEDED. */
  async execute(tag: string, caller: Caller): Promise<TagState> {
    const state = await this.#generators.state(parseTagName(tag), caller)
    return { instance: this.#instance, ...state }
  }
}
