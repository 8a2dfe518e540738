import { fullJitterMs, type Random } from '../async/backoff.ts'
import { withTimeLimit } from '../async/time-limit.ts'
import type { Clock } from '../clock/clock.ts'
import type { Transport } from './transport.ts'

const PROBE_MAX_MS = 1000
const REST = { baseMs: 100, capMs: 1000 }

export interface RouteOptions {
  readonly transport: Transport
  readonly clock: Clock
  readonly random: Random
}

/**
 * A transport, and whether it is worth asking at present. One that did not answer is left alone until
 * a probe has reached its instance, so that no caller waits for a dead one a second time.
 *
 *     fit -- no answer --> resting -- somebody asks, the rest is over --> probed -- reached --> fit
 *                             ^                                             |
 *                             +------------- not reached: a longer rest ----+
 */
export class Route {
  readonly transport: Transport
  readonly #clock: Clock
  readonly #random: Random
  /** How often in a row its instance was not reached; 0 if it is fit. */
  #failures = 0
  #cause: unknown
  #restUntilMs = 0
  #fitSinceMs: number
  #probe: AbortController | undefined
  #isClosed = false

  constructor({ transport, clock, random }: RouteOptions) {
    this.transport = transport
    this.#clock = clock
    this.#random = random
    this.#fitSinceMs = clock.monotonicMs()
  }

  /** Why its instance was not reached the last time. */
  get cause(): unknown {
    return this.#cause
  }

  /** Whether it may be asked. If it may not, and has had its rest, that begins a probe. */
  isFit(): boolean {
    if (this.#failures === 0) return true
    const isDue = this.#clock.monotonicMs() >= this.#restUntilMs
    if (isDue && this.#probe === undefined && !this.#isClosed) void this.#reach()
    return false
  }

  /**
   * An attempt had no answer. Of many that say so at once the first one counts, and none that began
   * before the route was last found fit.
   */
  rest(cause: unknown, beganMs: number): void {
    if (this.#failures === 0 && beganMs >= this.#fitSinceMs) this.#fail(cause)
  }

  close(): void {
    this.#isClosed = true
    this.#probe?.abort()
    this.transport.close()
  }

  async #reach(): Promise<void> {
    const probe = new AbortController()
    this.#probe = probe
    const ask = (signal: AbortSignal) => this.transport.probe({ limitMs: PROBE_MAX_MS, signal })
    try {
      await withTimeLimit(this.#clock, PROBE_MAX_MS, ask, probe)
      this.#failures = 0
      this.#fitSinceMs = this.#clock.monotonicMs()
    } catch (thrown) {
      this.#fail(thrown)
    }
    this.#probe = undefined
  }

  #fail(cause: unknown): void {
    this.#failures += 1
    this.#cause = cause
    const restMs = fullJitterMs(this.#failures, REST, this.#random)
    this.#restUntilMs = this.#clock.monotonicMs() + restMs
  }
}
