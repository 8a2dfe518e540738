/** Soon enough for a store that returns, and rare enough for one that does not. */
const RESPITE_MS = 100

/**
 * Keeps many who wait from hammering a host that is gone: after its second failure in a row it is
 * left alone for a moment, in which whoever asks is told of that failure at once.
 */
export class Respite {
  #failures = 0
  #untilMs = 0
  #fault: unknown

  worked(): void {
    this.#failures = 0
  }

  failed(fault: unknown, nowMs: number): void {
    this.#failures += 1
    this.#fault = fault
    // One failure may be a connection that was idle for too long; the next attempt makes a new one.
    if (this.#failures > 1) this.#untilMs = nowMs + RESPITE_MS
  }

  /** @throws The last failure, while the host is to be left alone. */
  ensureOver(nowMs: number): void {
    if (nowMs < this.#untilMs) throw this.#fault
  }
}
