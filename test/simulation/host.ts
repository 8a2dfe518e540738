import type { Clock } from '../../pkg/clock/clock.ts'

/**
 * A machine with clocks of its own. The wall clock may be off, step and stand still; the monotonic
 * one may not count the time for which the machine was suspended.
 */
export class Host {
  readonly name: string
  /** How far its wall clock is off the true time while nobody meddles with it, in milliseconds. */
  readonly biasMs: number
  readonly #time: Clock
  #offsetMs: number
  #standsAtMs: number | undefined
  #isSuspended = false
  /** What the monotonic clock says less than the true time; while suspended, what it says. */
  #uncountedMs = 0
  /** What the wall clock said just before each time that it went other than the true time. */
  readonly #turns: { readonly atMs: number; readonly wallMs: number }[] = []

  /** @param time The true time. */
  constructor(name: string, time: Clock, biasMs: number) {
    this.name = name
    this.#time = time
    this.biasMs = biasMs
    this.#offsetMs = biasMs
  }

  get isSuspended(): boolean {
    return this.#isSuspended
  }

  /** The wall clock, in whole milliseconds as a system's. */
  nowMs(): number {
    return this.#standsAtMs ?? Math.floor(this.#time.nowMs() + this.#offsetMs)
  }

  monotonicMs(): number {
    return this.#isSuspended ? this.#uncountedMs : this.#time.monotonicMs() - this.#uncountedMs
  }

  /** The highest that the wall clock has said after `sinceMs` of the true time. */
  highestMs(sinceMs: number): number {
    let highest = this.nowMs()
    for (let n = this.#turns.length - 1; n >= 0; n--) {
      const turn = this.#turns[n]
      if (turn === undefined || turn.atMs < sinceMs) break
      highest = Math.max(highest, turn.wallMs)
    }
    return highest
  }

  step(ms: number): void {
    this.#turn()
    this.#offsetMs += ms
    if (this.#standsAtMs !== undefined) this.#standsAtMs += ms
  }

  standStill(): void {
    this.#turn()
    this.#standsAtMs = this.nowMs()
  }

  /** Goes on after a standstill, from where it stood. */
  goOn(): void {
    if (this.#standsAtMs === undefined) return
    this.#turn()
    this.#offsetMs = this.#standsAtMs - this.#time.nowMs()
    this.#standsAtMs = undefined
  }

  /** Sets the wall clock right again, but for its bias. */
  correct(): void {
    this.#turn()
    this.#standsAtMs = undefined
    this.#offsetMs = this.biasMs
  }

  /** The monotonic clock stands still. */
  suspend(): void {
    if (this.#isSuspended) return
    this.#uncountedMs = this.monotonicMs()
    this.#isSuspended = true
  }

  resume(): void {
    if (!this.#isSuspended) return
    this.#isSuspended = false
    this.#uncountedMs = this.#time.monotonicMs() - this.#uncountedMs
  }

  #turn(): void {
    this.#turns.push({ atMs: this.#time.monotonicMs(), wallMs: this.nowMs() })
  }
}
