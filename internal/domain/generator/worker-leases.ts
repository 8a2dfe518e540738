import { overloaded } from '../../../pkg/errors/failures.ts'
import type { SnowflakeLayout } from '../entity/snowflake-layout.ts'
import { WorkerLease, type WorkerLeaseOptions } from './worker-lease.ts'

/** Each costs two statements every third of a lease; more layouts than this are a mistake. */
const LAYOUTS_MAX = 100
const RETRY_AFTER_MS = 1000

/** The worker ids of this process: one for each layout that it was asked for, from then on. */
export class WorkerLeases {
  readonly #options: WorkerLeaseOptions
  readonly #byLayout = new Map<string, WorkerLease>()

  constructor(options: WorkerLeaseOptions) {
    this.#options = options
  }

  /** The one lease of a layout. @throws GolovesError OVERLOADED beyond 100 layouts. */
  of(layout: SnowflakeLayout): WorkerLease {
    const running = this.#byLayout.get(layout.name)
    if (running !== undefined) return running
    if (this.#byLayout.size >= LAYOUTS_MAX) throw overloaded('layouts in use', RETRY_AFTER_MS)
    const lease = new WorkerLease(layout, this.#options)
    this.#byLayout.set(layout.name, lease)
    return lease
  }

  /** Those of all layouts that were asked for. */
  get all(): Iterable<WorkerLease> {
    return this.#byLayout.values()
  }

  /** Gives all worker ids back, once all generators are closed. Never rejects. */
  async release(): Promise<void> {
    const leases = [...this.#byLayout.values()]
    await Promise.all(leases.map((lease) => lease.release()))
  }
}
