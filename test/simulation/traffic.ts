import type { IdRange } from '../../internal/domain/entity/id-range.ts'
import type { Tag } from '../../internal/domain/entity/tag.ts'
import type { Caller } from '../../internal/domain/generator/caller.ts'
import type { IdGenerator } from '../../internal/domain/generator/id-generator.ts'
import type { Clock } from '../../pkg/clock/clock.ts'
import type { Dice } from './dice.ts'
import type { Instance } from './instance.ts'
import type { SnowflakeRules } from './snowflake-rules.ts'
import type { Call, Verifier } from './verifier.ts'

export interface TrafficOptions {
  readonly tags: readonly Tag[]
  /** How often callers come to an instance, on average. */
  readonly gapMs: number
  /** So many ids are asked for at once at most. */
  readonly countMax: number
  /** The true time. */
  readonly time: Clock
  readonly dice: Dice
  readonly verifier: Verifier
  readonly rules: SnowflakeRules
  /** Whether callers come at present. */
  readonly isOpen: () => boolean
}

type Given = readonly IdRange[] | Promise<readonly IdRange[]>

const PATIENCE_MS = [20, 200, 1_000, 5_000] as const
const LEAVES_AFTER_MS = 50

/** Callers who ask instances for ids. */
export class Traffic {
  readonly #options: TrafficOptions

  constructor(options: TrafficOptions) {
    this.#options = options
  }

  /** Lets callers come to an instance for as long as it lives. */
  start(instance: Instance): void {
    const { time, dice, gapMs, isOpen } = this.#options
    time.after(dice.gap(gapMs), () => {
      if (instance.process.isDead || !isOpen()) return
      instance.process.enter(() => this.#ask(instance))
      this.start(instance)
    })
  }

  #ask(instance: Instance): void {
    const { dice, tags, countMax } = this.#options
    const tag = dice.pick(tags)
    if (dice.chance(0.05)) instance.evict(tag)
    const calls = dice.pick([1, 1, 3, 10])
    for (let n = 0; n < calls; n++) {
      const count = dice.chance(0.7) ? 1 : dice.whole(1, dice.pick([3, 30, countMax]))
      this.#call(instance, tag, count, (caller) => {
        const generator = instance.generatorOf(tag)
        return count === 1 ? nextOf(generator, caller) : generator.take(count, caller)
      })
    }
  }

  #call(instance: Instance, tag: Tag, count: number, ask: (caller: Caller) => Given): void {
    const { dice, verifier, rules } = this.#options
    const call = verifier.begin(instance, tag, count, dice.pick(PATIENCE_MS))
    const gave = (ranges: readonly IdRange[]) => rules.check(verifier.gave(call, ranges))
    const refused = (thrown: unknown) => rules.checkRefusal(call, verifier.refused(call, thrown))
    try {
      const given = ask(this.#callerOf(call))
      if (given instanceof Promise) given.then(gave, refused)
      else gave(given)
    } catch (thrown) {
      refused(thrown)
    }
  }

  #callerOf({ deadlineMs, instance }: Call): Caller {
    const { dice } = this.#options
    return {
      deadlineMs,
      onLeave: (left) => {
        if (dice.chance(0.1)) instance.process.after(dice.gap(LEAVES_AFTER_MS), left)
      },
    }
  }
}

function nextOf(generator: IdGenerator, caller: Caller): Given {
  const id = generator.next(caller)
  return id instanceof Promise ? id.then(only) : only(id)
}

function only(id: bigint): readonly IdRange[] {
  return [{ first: id, last: id }]
}
