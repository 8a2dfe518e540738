import {
  MemoryWorkerRepository,
  type MemoryWorkerTable,
} from '../../../internal/repository/worker/memory-worker-repository.ts'
import type { Clock } from '../../../pkg/clock/clock.ts'

/** The database that all instances share, with a clock of its own. */
export class WorkerStore {
  /** Runs what reaches it, at once. */
  readonly workers: MemoryWorkerRepository
  /** Whether it is away, and then whether whoever asks is told so or waits in vain. */
  outage: 'none' | 'refuses' | 'hangs' = 'none'
  /** How far its clock is off the true time, in milliseconds. */
  offsetMs = 0
  readonly #table: MemoryWorkerTable = new Map()

  /** @param time The true time. */
  constructor(time: Clock) {
    this.workers = new MemoryWorkerRepository(this.#table, () =>
      Math.floor(time.nowMs() + this.offsetMs),
    )
  }

  /** Somebody empties the table by hand. */
  empty(): void {
    this.#table.clear()
  }
}
