import type { SnowflakeLayout } from '../../internal/domain/entity/snowflake-layout.ts'
import type { Tag } from '../../internal/domain/entity/tag.ts'
import type { IdGenerator } from '../../internal/domain/generator/id-generator.ts'
import { SnowflakeGenerator } from '../../internal/domain/generator/snowflake-generator.ts'
import { WorkerLeases } from '../../internal/domain/generator/worker-leases.ts'
import { overloaded, shuttingDown } from '../../pkg/errors/failures.ts'
import { SilentObserver } from '../support/silent-observer.ts'
import type { Dice } from './dice.ts'
import type { Slot } from './plan.ts'
import type { Process } from './process.ts'
import type { StoreLink } from './store-link.ts'

const RETRY_AFTER_MS = 1_000

export interface InstanceOptions {
  /** Used once: also its name as the owner of a worker id. */
  readonly name: string
  readonly slot: Slot
  readonly process: Process
  readonly link: StoreLink
  readonly layout: SnowflakeLayout
  readonly lifeMs: number
  readonly dice: Dice
}

/** One instance of the service, as far as ids are concerned: what the registry does for it is done by hand. */
export class Instance {
  readonly name: string
  readonly slot: Slot
  readonly process: Process
  readonly link: StoreLink
  readonly #layout: SnowflakeLayout
  readonly #leases: WorkerLeases
  readonly #generators = new Map<string, IdGenerator>()

  constructor({ name, slot, process, link, layout, lifeMs, dice }: InstanceOptions) {
    this.name = name
    this.slot = slot
    this.process = process
    this.link = link
    this.#layout = layout
    this.#leases = new WorkerLeases({
      workers: link,
      owner: name,
      fixedWorker: slot.fixedWorker,
      lifeMs,
      clock: process,
      random: dice.random,
      observer: new SilentObserver(),
    })
  }

  generatorOf(tag: Tag): IdGenerator {
    const live = this.#generators.get(tag.name)
    if (live !== undefined) return live
    const generator = new SnowflakeGenerator({
      tag,
      lease: this.#leases.of(this.#layout),
      clock: this.process,
      waiting: { callersMax: 100, idsMax: 20_000 },
    })
    this.#generators.set(tag.name, generator)
    return generator
  }

  /** Makes room: whoever asks for the tag next gets a new generator. */
  evict(tag: Tag): void {
    this.#generators.get(tag.name)?.close(overloaded('tags are in use', RETRY_AFTER_MS))
    this.#generators.delete(tag.name)
  }

  /** A clean stop, in the order in which the service does it. */
  async stop(): Promise<void> {
    for (const generator of this.#generators.values()) generator.close(shuttingDown(RETRY_AFTER_MS))
    await this.#leases.release()
    this.process.kill()
  }
}
