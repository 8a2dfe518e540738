import cluster from 'node:cluster'
import type { Settings } from '../../../internal/config/settings.ts'
import type { Machine } from '../machine.ts'
import { Switchboard } from './switchboard.ts'
import { WorkerProcess } from './worker-process.ts'
import { WorkerSlot } from './worker-slot.ts'

/** What a worker process needs beyond its drain: for its last words, and to give back what it holds. */
const LAST_DEEDS_MS = 5000

/**
 * Worker processes that are one service. Connections are passed to them in turn. Each is an instance: it
 * has its own name, its own chains of segments, its own worker ids.
 */
export class Primary {
  readonly #slots: readonly WorkerSlot[]
  readonly #fault = Promise.withResolvers<never>()
  readonly #settings: Settings
  readonly #machine: Machine

  /** @param settings With the ports that all will share. */
  constructor(count: number, settings: Settings, machine: Machine) {
    this.#settings = settings
    this.#machine = machine
    // What they tell each other has bigints in it.
    cluster.setupPrimary({ serialization: 'advanced' })
    const switchboard = new Switchboard()
    this.#slots = Array.from({ length: count }, (_, index) => {
      const number = index + 1
      return new WorkerSlot({
        number,
        launch: (isReplacement, onListening) => {
          const start = { kind: 'start', number, settings, isReplacement } as const
          return new WorkerProcess(switchboard, start, onListening)
        },
        onFault: (fault) => this.#fault.reject(fault),
        ...machine,
      })
    })
    // Nobody may be waiting for it any more.
    this.#fault.promise.catch(() => {})
  }

  /** Starts all. Resolves once all listen; never, if that comes to nothing. */
  async start(): Promise<void> {
    await Promise.all(this.#slots.map((slot) => slot.start()))
  }

  /** Rejects if one could not be started, or if the store is one that would lose ids. */
  get fault(): Promise<never> {
    return this.#fault.promise
  }

  /**
   * Drains all and waits for their ends; those that take too long are killed.
   *
   * @returns Whether all ended as they should.
   */
  async stop(): Promise<boolean> {
    const { drainDelayMs, drainLimitMs } = this.#settings.shutdown
    const limitMs = drainDelayMs + drainLimitMs + LAST_DEEDS_MS
    const callOff = this.#machine.clock.after(limitMs, () => this.kill())
    const ends = await Promise.all(this.#slots.map((slot) => slot.stop()))
    callOff()
    return ends.every((isGood) => isGood)
  }

  /** Ends all at once. */
  kill(): void {
    for (const slot of this.#slots) slot.kill()
  }
}
