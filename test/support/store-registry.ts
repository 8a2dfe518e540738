import { parseStoreUrl } from '../../internal/config/store-url.ts'
import { doubleBuffer } from '../../internal/domain/generator/double-buffer.ts'
import type { GeneratorRegistry } from '../../internal/domain/generator/generator-registry.ts'
import { openStore } from '../../internal/repository/store.ts'
import { SystemClock } from '../../pkg/clock/system-clock.ts'
import { shuttingDown } from '../../pkg/errors/failures.ts'
import { loneRegistry } from './lone-registry.ts'
import { TestCaller } from './test-caller.ts'

/** The tags of one instance, in this process, on a real store: double buffers, a step at a time. */
export class StoreRegistry {
  readonly #clock = new SystemClock()
  readonly #store
  readonly #registry: GeneratorRegistry

  constructor(url: string) {
    const clock = this.#clock
    this.#store = openStore(parseStoreUrl(url), {
      clock,
      random: Math.random,
      logger: { warn: () => {} },
      instance: { name: 'one', address: '' },
    })
    const policy = doubleBuffer({ sizing: 'fixed', prefetchAt: 0.2 })
    this.#registry = loneRegistry({ ...this.#store, clock, policy, random: Math.random })
  }

  /** Asks for an id as the use case does. */
  async next(tag: string, patienceMs: number): Promise<bigint> {
    const caller = new TestCaller(this.#clock, patienceMs)
    const live = this.#registry.live(tag) ?? (await this.#registry.open(tag, caller))
    return await live.next(caller)
  }

  async close(): Promise<void> {
    this.#registry.close(shuttingDown(0))
    await this.#store.close()
  }
}
