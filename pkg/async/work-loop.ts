import type { Clock } from '../clock/clock.ts'
import { fullJitterMs, type Random } from './backoff.ts'

export interface WorkLoopOptions {
  /**
   * Does one piece of work. Resolves to whether there is more to do; a rejection is tried again
   * later. Must settle.
   */
  readonly work: () => Promise<boolean>
  /** The longest wait before the next try, in milliseconds, asked anew after each failure. */
  readonly backoffMaxMs: () => number
  readonly clock: Clock
  readonly random: Random
}

const BACKOFF_BASE_MS = 50

/**
 * Work that is done by one runner at a time, piece by piece, until there is none left; after a
 * failure it waits, with full jitter, and tries again.
 *
 * 1. At most one `work` is under way, however often `start` is called.
 * 2. After each `start` a piece of work begins, at once or after the one under way, unless `stop`
 *    was
 *    called: a `start` that comes while the last piece is about to end is not lost.
 */
export class WorkLoop {
  readonly #options: WorkLoopOptions
  #wanted = false
  #running = false
  #stopped = false
  #failures = 0
  /** What the present wait is bounded by. */
  #waitMaxMs = 0
  #endWait: (() => void) | undefined

  constructor(options: WorkLoopOptions) {
    this.#options = options
  }

  get isRunning(): boolean {
    return this.#running
  }

  /** How often in a row the work has failed. */
  get failures(): number {
    return this.#failures
  }

  /** Starts to work, unless it does already. The first piece begins before this returns. */
  start(): void {
    this.#wanted = true
    if (!this.#running) void this.#run()
  }

  /** Cuts short a wait after a failure, if `backoffMaxMs` has become less since it began. */
  hurry(): void {
    if (this.#options.backoffMaxMs() < this.#waitMaxMs) this.#endWait?.()
  }

  /** No further piece begins. One that is under way ends by itself. */
  stop(): void {
    this.#stopped = true
    this.#endWait?.()
  }

  async #run(): Promise<void> {
    this.#running = true
    while (this.#wanted && !this.#stopped) {
      this.#wanted = false
      try {
        if (await this.#options.work()) this.#wanted = true
        this.#failures = 0
      } catch {
        this.#wanted = true
        this.#failures += 1
        if (!this.#stopped) await this.#wait()
      }
    }
    this.#running = false
  }

  async #wait(): Promise<void> {
    const { clock, random, backoffMaxMs } = this.#options
    this.#waitMaxMs = backoffMaxMs()
    const bounds = { baseMs: BACKOFF_BASE_MS, capMs: this.#waitMaxMs }
    await new Promise<void>((resolve) => {
      const callOff = clock.after(fullJitterMs(this.#failures, bounds, random), resolve)
      this.#endWait = () => {
        callOff()
        resolve()
      }
    })
    this.#endWait = undefined
  }
}
