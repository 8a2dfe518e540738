import { countOutOfRange } from '../../../pkg/errors/failures.ts'
import type { IdRange } from '../../domain/entity/id-range.ts'
import type { Caller } from '../../domain/generator/caller.ts'
import type { GeneratorRegistry } from '../../domain/generator/generator-registry.ts'

/** Hands out many ids at once, as ranges. */
export class NextIds {
  readonly #generators: GeneratorRegistry
  readonly #countMax: number

  constructor(generators: GeneratorRegistry, countMax: number) {
    this.#generators = generators
    this.#countMax = countMax
  }

  /**
   * Exactly `count` ids of `tag` as ascending ranges, all or nothing: at once while so many are in
   * memory, else a promise of them.
   *
   * @throws GolovesError (or rejects with one): COUNT_OUT_OF_RANGE, TAG_INVALID and TAG_NOT_FOUND
   * beside what `IdGenerator.take` fails with.
   */
  execute(
    tag: string,
    count: bigint,
    caller: Caller,
  ): readonly IdRange[] | Promise<readonly IdRange[]> {
    if (count < 1n || count > BigInt(this.#countMax)) {
      throw countOutOfRange(String(count), this.#countMax)
    }
    const generator = this.#generators.live(tag)
    if (generator !== undefined) return generator.take(Number(count), caller)
    return this.#generators.open(tag, caller).then((opened) => opened.take(Number(count), caller))
  }
}
