import { Clock } from '../../pkg/clock/clock.ts'

interface Timer {
  readonly atMs: number
  readonly wake: () => void
}

/** A clock that stands still until the test moves it. Timers fire in order of time, then of their making. */
export class ManualClock extends Clock {
  #nowMs = 0
  /** How far the wall clock is from the monotonic one. */
  #wallOffsetMs: number
  /** In the order in which they will fire. */
  readonly #timers: Timer[] = []

  constructor(wallMs = Date.UTC(2026, 10, 21)) {
    super()
    this.#wallOffsetMs = wallMs
  }

  override nowMs(): number {
    return this.#wallOffsetMs + this.#nowMs
  }

  override monotonicMs(): number {
    return this.#nowMs
  }

  override after(ms: number, wake: () => void): () => void {
    const timer = { atMs: this.#nowMs + Math.max(0, ms), wake }
    const before = this.#timers.findLastIndex(({ atMs }) => atMs <= timer.atMs)
    this.#timers.splice(before + 1, 0, timer)
    return () => {
      const index = this.#timers.indexOf(timer)
      if (index >= 0) this.#timers.splice(index, 1)
    }
  }

  /** No time passes, so that no timer is needed. */
  override async nextTurn(): Promise<void> {}

  /** How many timers are set. */
  get pending(): number {
    return this.#timers.length
  }

  /** Steps the wall clock, as NTP would; the monotonic one goes on. */
  stepWall(ms: number): void {
    this.#wallOffsetMs += ms
  }

  /** Moves on by `ms` while nothing runs, as for a stopped process: what falls due fires at the next move. */
  pause(ms: number): void {
    this.#nowMs += ms
  }

  /** Moves on by `ms`, firing what falls due on the way and letting promises settle after each timer. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms
    await settled()
    for (let timer = this.#timers[0]; timer && timer.atMs <= untilMs; timer = this.#timers[0]) {
      this.#timers.shift()
      this.#nowMs = Math.max(this.#nowMs, timer.atMs)
      timer.wake()
      await settled()
    }
    this.#nowMs = untilMs
  }
}

/** Lets everything run that needs no timer and no socket. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
