import type { IdRange } from '../../../internal/domain/entity/id-range.ts'
import type { SnowflakeLayout } from '../../../internal/domain/entity/snowflake-layout.ts'
import type { TagName } from '../../../internal/domain/entity/tag.ts'
import type { Caller } from '../../../internal/domain/generator/caller.ts'
import type { IdGenerator } from '../../../internal/domain/generator/id-generator.ts'
import { SnowflakeGenerator } from '../../../internal/domain/generator/snowflake-generator.ts'
import { WorkerLeases } from '../../../internal/domain/generator/worker-leases.ts'
import { overloaded, shuttingDown } from '../../../pkg/errors/failures.ts'
import { aTag } from '../../support/a-tag.ts'
import { SilentObserver } from '../../support/silent-observer.ts'
import type { Dice } from '../dice.ts'
import { type Given, Instance, type InstanceOptions } from '../instance.ts'
import type { WorkerLink } from './worker-link.ts'

/** A generator is evicted before this share of all calls. */
const EVICTED_SHARE = 0.02
const RETRY_AFTER_MS = 1_000

export interface SnowflakeInstanceOptions extends InstanceOptions {
  readonly link: WorkerLink
  readonly fixedWorker: number | undefined
  readonly layout: SnowflakeLayout
  readonly lifeMs: number
  readonly dice: Dice
}

/** An instance with snowflake tags: what the registry does for it is done by hand. */
export class SnowflakeInstance extends Instance {
  readonly link: WorkerLink
  readonly #layout: SnowflakeLayout
  readonly #dice: Dice
  readonly #leases: WorkerLeases
  readonly #generators = new Map<TagName, IdGenerator>()

  constructor({ link, layout, lifeMs, dice, fixedWorker, ...base }: SnowflakeInstanceOptions) {
    super(base)
    this.link = link
    this.#layout = layout
    this.#dice = dice
    this.#leases = new WorkerLeases({
      workers: link,
      owner: this.name,
      fixedWorker,
      lifeMs,
      clock: this.process,
      random: dice.random,
      observer: new SilentObserver(),
    })
  }

  override get strainsMs(): readonly number[] {
    return this.link.sentMs
  }

  override ask(tag: TagName, count: number, caller: Caller): Given {
    if (this.#dice.chance(EVICTED_SHARE)) this.#evict(tag)
    const generator = this.#generatorOf(tag)
    return count === 1 ? nextOf(generator, caller) : generator.take(count, caller)
  }

  override async stop(): Promise<void> {
    for (const generator of this.#generators.values()) generator.close(shuttingDown(RETRY_AFTER_MS))
    await this.#leases.release()
    this.process.kill()
  }

  #generatorOf(name: TagName): IdGenerator {
    const live = this.#generators.get(name)
    if (live !== undefined) return live
    const generator = new SnowflakeGenerator({
      tag: aTag({ name, mode: 'snowflake', layout: this.#layout }),
      lease: this.#leases.of(this.#layout),
      clock: this.process,
      waiting: { callersMax: 100, idsMax: 20_000 },
    })
    this.#generators.set(name, generator)
    return generator
  }

  /** Makes room: whoever asks for the tag next gets a new generator. */
  #evict(tag: TagName): void {
    this.#generators.get(tag)?.close(overloaded('tags are in use', RETRY_AFTER_MS))
    this.#generators.delete(tag)
  }
}

function nextOf(generator: IdGenerator, caller: Caller): Given {
  const id = generator.next(caller)
  return id instanceof Promise ? id.then(only) : only(id)
}

function only(id: bigint): readonly IdRange[] {
  return [{ first: id, last: id }]
}
