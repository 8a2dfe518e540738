import { parseTagName } from '../../domain/entity/tag.ts'
import type { Caller } from '../../domain/generator/caller.ts'
import type { GeneratorRegistry } from '../../domain/generator/generator-registry.ts'
import type { GeneratorState } from '../../domain/generator/generator-state.ts'
import type { InstanceState, OtherInstances } from './other-instances.ts'

/**
 * What the service holds of a tag, all its instances together: all ranges, the sums of the waiters and of
 * the rates, the seconds until the first of them runs dry, the latest lease, and one error of those there
 * are. The name and the worker id are those of the instance that answers.
 */
export interface TagState extends InstanceState {
  /** Each instance by itself, the one that answers first. */
  readonly instances: readonly InstanceState[]
  /** How many others did not answer in time, and are left out. */
  readonly silentInstances: number
}

/** What the service holds of a tag. */
export class GetTagState {
  readonly #generators: GeneratorRegistry
  readonly #instance: string
  readonly #others: OtherInstances

  constructor(generators: GeneratorRegistry, instance: string, others: OtherInstances) {
    this.#generators = generators
    this.#instance = instance
    this.#others = others
  }

  /** @throws GolovesError TAG_INVALID, TAG_NOT_FOUND, STORE_UNAVAILABLE, DEADLINE_EXCEEDED. */
  async execute(tag: string, caller: Caller): Promise<TagState> {
    const name = parseTagName(tag)
    const held = await this.#generators.state(name, caller)
    const { states, silent } = await this.#others.holding(name)
    const own = { instance: this.#instance, ...held }
    const instances = [own, ...states]
    return { ...own, ...together(instances), instances, silentInstances: silent }
  }
}

function together(states: readonly GeneratorState[]): Omit<GeneratorState, 'worker'> {
  const sum = (of: (state: GeneratorState) => number) =>
    states.reduce((total, state) => total + of(state), 0)
  const secondsLeft = states.flatMap((state) => state.secondsLeft ?? [])
  const leases = states.flatMap(({ lastLease }) => lastLease ?? [])
  return {
    ranges: states.flatMap(({ ranges }) => ranges),
    waiters: sum(({ waiters }) => waiters),
    idsPerSecond: sum(({ idsPerSecond }) => idsPerSecond),
    secondsLeft: secondsLeft.length === 0 ? undefined : Math.min(...secondsLeft),
    lastLease: leases.toSorted((one, other) => other.atMs - one.atMs)[0],
    lastError: states.find(({ lastError }) => lastError !== undefined)?.lastError,
  }
}
