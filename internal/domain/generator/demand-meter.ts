/**
 * How fast the measured rate follows the real one: after this long it has made up 63 % of a change.
 */
const TIME_CONSTANT_S = 75

/**
 * Ids asked for per second, averaged with exponentially fading weights.
 *
 * It starts at zero and is not corrected for that on purpose. A burst of `n` ids moves the rate by
 * at most n/75 per second, so ten minutes of reserve at that rate are 8n ids: the reserve can never
 * grow past eight times what was really asked for, and yet reaches its full size under steady load
 * within minutes. When nobody asks, the rate fades, and with it the reserve.
 */
export class DemandMeter {
  #perSecond = 0
  #atMs: number
  #asked = 0n

  /** @param nowMs On the monotonic clock, as everywhere in this class. */
  constructor(nowMs: number) {
    this.#atMs = nowMs
  }

  /** Notes that `ids` more were asked for since the last note. */
  note(ids: number, nowMs: number): void {
    const age = this.#ageOf(nowMs)
    const share = age > 0 ? -Math.expm1(-age) / age : 1
    this.#perSecond = this.#perSecond * Math.exp(-age) + (ids / TIME_CONSTANT_S) * share
    this.#atMs = nowMs
  }

  /** Notes that `asked` ids were asked for in all; a total that has not risen changes nothing. */
  noteTotal(asked: bigint, nowMs: number): void {
    if (asked <= this.#asked) return
    this.note(Number(asked - this.#asked), nowMs)
    this.#asked = asked
  }

  perSecond(nowMs: number): number {
    return this.#perSecond * Math.exp(-this.#ageOf(nowMs))
  }

  /** Time since the last note, in time constants. */
  #ageOf(nowMs: number): number {
    return Math.max(0, nowMs - this.#atMs) / 1000 / TIME_CONSTANT_S
  }
}
