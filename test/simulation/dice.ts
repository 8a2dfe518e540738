import type { Random } from '../../pkg/async/backoff.ts'

/** Chance that a seed decides. */
export class Dice {
  #state: number

  /** @param seed A whole number; each has its own sequence of draws. */
  constructor(seed: number) {
    this.#state = Math.imul(seed + 1, 0x9e3779b1) | 1
    for (let n = 0; n < 8; n++) this.random()
  }

  /** Marsaglia's xorshift with 32 bits: good enough to stumble about with. */
  readonly random: Random = () => {
    this.#state ^= this.#state << 13
    this.#state ^= this.#state >>> 17
    this.#state ^= this.#state << 5
    return (this.#state >>> 0) / 2 ** 32
  }

  /** True in `share` of all cases. */
  chance(share: number): boolean {
    return this.random() < share
  }

  between(least: number, most: number): number {
    return least + this.random() * (most - least)
  }

  /** A whole number, both ends inclusive. */
  whole(least: number, most: number): number {
    return Math.floor(this.between(least, most + 1))
  }

  /** The time until something that happens once in `meanMs` on average. */
  gap(meanMs: number): number {
    return -meanMs * Math.log(1 - this.random())
  }

  /** One of a list, which must not be empty. */
  pick<T>(list: readonly T[]): T {
    const picked = list[this.whole(0, list.length - 1)]
    if (picked === undefined) throw new RangeError('There is nothing to pick from.')
    return picked
  }

  /** What is in a list, in an order that chance decides. */
  shuffled<T>(list: readonly T[]): T[] {
    const rest = [...list]
    return list.flatMap(() => rest.splice(this.whole(0, rest.length - 1), 1))
  }
}
