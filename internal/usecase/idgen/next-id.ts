import type { Caller } from '../../domain/generator/caller.ts'
import type { GeneratorRegistry } from '../../domain/generator/generator-registry.ts'

/** Hands out one id. */
export class NextId {
  readonly #generators: GeneratorRegistry

  constructor(generators: GeneratorRegistry) {
    this.#generators = generators
  }

  /**
   * The next id of `tag`: at once while one is in memory, else a promise of it.
   *
   * @throws GolovesError (or rejects with one): TAG_INVALID and TAG_NOT_FOUND beside what
   * `IdGenerator.next` fails with.
   */
  execute(tag: string, caller: Caller): bigint | Promise<bigint> {
    const generator = this.#generators.live(tag)
    if (generator !== undefined) return generator.next(caller)
    return this.#generators.open(tag, caller).then((opened) => opened.next(caller))
  }
}
