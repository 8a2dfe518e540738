import {
  type FreeWorker,
  type PoolSurvey,
  type WorkerHolder,
  type WorkerPool,
  type WorkerReach,
  WorkerRepository,
} from '../../../internal/domain/generator/worker-repository.ts'
import type { Process } from '../process.ts'
import { Wire, type WireOptions } from '../wire.ts'
import { GrantBook } from './grant-book.ts'
import type { WorkerStore } from './worker-store.ts'

/** The worker ids of the store, as one process reaches them. */
export class WorkerLink extends WorkerRepository {
  readonly grants = new GrantBook()
  readonly #store: WorkerStore
  readonly #process: Process
  readonly #wire: Wire

  constructor(store: WorkerStore, options: WireOptions) {
    super()
    this.#store = store
    this.#process = options.process
    this.#wire = new Wire(store, options)
  }

  /** When each question was sent, on the process's monotonic clock. */
  get sentMs(): readonly number[] {
    return this.#wire.sentMs
  }

  override survey(pool: WorkerPool, only?: number): Promise<PoolSurvey> {
    return this.#wire.ask(() => this.#store.workers.survey(pool, only))
  }

  override async claim(holder: WorkerHolder, free: FreeWorker, reach: WorkerReach) {
    this.grants.asked(holder, free)
    return await this.#extend(holder, reach, ({ workers }) => workers.claim(holder, free, reach))
  }

  override async renew(holder: WorkerHolder, acked: number, reach: WorkerReach) {
    return await this.#extend(holder, reach, ({ workers }) => workers.renew(holder, acked, reach))
  }

  override release(holder: WorkerHolder, lastTick: number): Promise<void> {
    this.grants.released(holder, lastTick)
    return this.#wire.ask(() => this.#store.workers.release(holder, lastTick))
  }

  async #extend(
    holder: WorkerHolder,
    reach: WorkerReach,
    statement: (store: WorkerStore) => Promise<boolean>,
  ): Promise<boolean> {
    const askedMs = this.#process.moment().monotonicMs
    const sentMs = this.#process.host.monotonicMs()
    const isGranted = await this.#wire.ask(() => statement(this.#store))
    if (isGranted) this.grants.granted(holder, reach, askedMs, sentMs)
    else this.grants.refused(holder)
    return isGranted
  }
}
