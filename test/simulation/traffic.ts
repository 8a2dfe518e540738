import type { IdRange } from '../../internal/domain/entity/id-range.ts'
import type { TagName } from '../../internal/domain/entity/tag.ts'
import type { Caller } from '../../internal/domain/generator/caller.ts'
import type { Clock } from '../../pkg/clock/clock.ts'
import type { GolovesError } from '../../pkg/errors/goloves-error.ts'
import type { Dice } from './dice.ts'
import type { Instance } from './instance.ts'
import type { Call, Reply, Verifier } from './verifier.ts'

/** What holds in one mode beside what the verifier knows. */
export interface Rules<I extends Instance> {
  check(reply: Reply<I>): void
  checkRefusal(call: Call<I>, error: GolovesError): void
}

export interface TrafficOptions<I extends Instance> {
  readonly tags: readonly TagName[]
  /** How often callers come to an instance, on average. */
  readonly gapMs: number
  /** So many ids are asked for at once at most. */
  readonly countMax: number
  /** The true time. */
  readonly time: Clock
  readonly dice: Dice
  readonly verifier: Verifier<I>
  readonly rules: Rules<I>
  /** Whether callers come at present. */
  readonly isOpen: () => boolean
}

const PATIENCE_MS = [20, 200, 1_000, 5_000] as const
const LEAVES_AFTER_MS = 50

/** Callers who ask instances for ids. */
export class Traffic<I extends Instance> {
  readonly #options: TrafficOptions<I>

  constructor(options: TrafficOptions<I>) {
    this.#options = options
  }

  /** Lets callers come to an instance for as long as it lives. */
  start(instance: I): void {
    const { time, dice, gapMs, isOpen } = this.#options
    time.after(dice.gap(gapMs), () => {
      if (instance.process.isDead || !isOpen()) return
      instance.process.enter(() => this.#ask(instance))
      this.start(instance)
    })
  }

  #ask(instance: I): void {
    const { dice, tags, countMax } = this.#options
    const tag = dice.pick(tags)
    const calls = dice.pick([1, 1, 3, 10])
    for (let n = 0; n < calls; n++) {
      const count = dice.chance(0.7) ? 1 : dice.whole(1, dice.pick([3, 30, countMax]))
      this.#call(instance, tag, count)
    }
  }

  #call(instance: I, tag: TagName, count: number): void {
    const { dice, verifier, rules } = this.#options
    const call = verifier.begin(instance, tag, count, dice.pick(PATIENCE_MS))
    const gave = (ranges: readonly IdRange[]) => rules.check(verifier.gave(call, ranges))
    const refused = (thrown: unknown) => rules.checkRefusal(call, verifier.refused(call, thrown))
    try {
      const given = instance.ask(tag, count, this.#callerOf(call))
      if (given instanceof Promise) given.then(gave, refused)
      else gave(given)
    } catch (thrown) {
      refused(thrown)
    }
  }

  #callerOf({ deadlineMs, instance }: Call<I>): Caller {
    const { dice } = this.#options
    return {
      deadlineMs,
      onLeave: (left) => {
        if (dice.chance(0.1)) instance.process.after(dice.gap(LEAVES_AFTER_MS), left)
      },
    }
  }
}
