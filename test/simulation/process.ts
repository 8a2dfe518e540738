import { Clock } from '../../pkg/clock/clock.ts'
import type { Host } from './host.ts'

/** What the clocks of a host say. */
export interface Moment {
  readonly wallMs: number
  readonly monotonicMs: number
}

/** A process has stopped in the middle of `step`, after it had read its clocks `reads` times. */
interface Interrupted {
  readonly step: () => void
  readonly moment: Moment
  readonly reads: number
}

/** Floating point may miss a moment by less than this, in milliseconds. */
const ROUNDING_MS = 1e-6

/**
 * A process on a host, as its clock: it can be stopped (SIGSTOP) and woken, and killed.
 *
 * All that happens in it is a step: a timer, a reply, a call. Each goes through `enter`. A step that
 * comes while the process is stopped is held until it wakes, one that comes after its death never
 * happens.
 */
export class Process extends Clock {
  readonly host: Host
  /** When it was woken last, on the monotonic clock. */
  wokenMs = 0
  /** How long steps lasted in all because it was stopped in their middle, on the monotonic clock. */
  lostMs = 0
  readonly #time: Clock
  #isDead = false
  /** How often it was stopped and not yet woken. */
  #stops = 0
  /** In which step it will stop, after how many readings of its clocks. */
  #trap: { readonly reads: number; readonly onReply: boolean } | undefined
  #interrupted: Interrupted | undefined
  #stale: { moment: Moment; reads: number } | undefined
  #held: (() => void)[] = []

  /** @param time The true time. */
  constructor(host: Host, time: Clock) {
    super()
    this.host = host
    this.#time = time
  }

  get isDead(): boolean {
    return this.#isDead
  }

  /** Whether it is stopped, or will be. */
  get isStopped(): boolean {
    return this.#stops > 0
  }

  override nowMs(): number {
    return this.#reading()?.wallMs ?? this.host.nowMs()
  }

  override monotonicMs(): number {
    return this.#reading()?.monotonicMs ?? this.host.monotonicMs()
  }

  override after(ms: number, wake: () => void): () => void {
    const dueMs = this.host.monotonicMs() + Math.max(0, ms)
    let callOff = () => {}
    let isOff = false
    const arm = () => {
      callOff = this.#time.after(dueMs - this.host.monotonicMs(), () => this.enter(fire))
    }
    const fire = () => {
      if (isOff) return
      // A timer counts by the monotonic clock, which may have stood still.
      if (dueMs - this.host.monotonicMs() > ROUNDING_MS) arm()
      else wake()
    }
    arm()
    return () => {
      isOff = true
      callOff()
    }
  }

  /** What the step that runs now sees of the clocks, without being one of its readings. */
  moment(): Moment {
    if (this.#stale !== undefined) return this.#stale.moment
    return { wallMs: this.host.nowMs(), monotonicMs: this.host.monotonicMs() }
  }

  /**
   * Runs a step: at once, or when the process wakes, or never if it is dead by then.
   *
   * @param isReply Whether the step is that an answer of the store arrives.
   */
  enter(step: () => void, isReply = false): void {
    this.#stale = undefined
    if (this.#isDead) return
    const trap = this.#trap
    if (trap !== undefined && (isReply || !trap.onReply)) {
      this.#interrupted = { step, moment: this.moment(), reads: trap.reads }
      this.#trap = undefined
    } else if (this.isStopped && trap === undefined) {
      this.#held.push(step)
    } else {
      step()
    }
  }

  /**
   * Stops in the middle of the next step, after so many readings of its clocks, until it was woken
   * as often as it was stopped.
   *
   * @param onReply Whether it goes on until the next answer of the store, and stops in the middle of that.
   */
  stop(reads: number, onReply = false): void {
    if (this.#stops === 0) this.#trap = { reads, onReply }
    this.#stops += 1
  }

  /** Ends the step in which it was stopped; those that were held follow one by one. */
  wake(): void {
    if (this.#stops === 0) return
    this.#stops -= 1
    if (this.#stops > 0) return
    const [interrupted, held] = [this.#interrupted, this.#held]
    this.#trap = undefined
    this.#interrupted = undefined
    this.#held = []
    this.wokenMs = this.host.monotonicMs()
    for (const step of held) this.#time.after(0, () => this.enter(step))
    if (interrupted === undefined) return
    this.enter(() => {
      this.#stale = interrupted
      interrupted.step()
    })
    this.lostMs += this.wokenMs - interrupted.moment.monotonicMs
  }

  kill(): void {
    this.#isDead = true
    this.#held = []
  }

  #reading(): Moment | undefined {
    if (this.#stale === undefined || this.#stale.reads === 0) return undefined
    this.#stale = { ...this.#stale, reads: this.#stale.reads - 1 }
    return this.#stale.moment
  }
}
