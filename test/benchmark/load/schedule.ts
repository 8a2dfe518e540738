/** When each question of an open loop has its time. */
export class Schedule {
  /** How many questions there are. */
  readonly count: number
  readonly #beganMs: number
  readonly #perSecond: number

  constructor(beganMs: number, perSecond: number, seconds: number) {
    this.#beganMs = beganMs
    this.#perSecond = perSecond
    this.count = Math.round(perSecond * seconds)
  }

  /** How many have had their time. */
  dueAt(nowMs: number): number {
    const due = Math.floor(((nowMs - this.#beganMs) * this.#perSecond) / 1000) + 1
    return Math.min(this.count, Math.max(0, due))
  }

  plannedMs(question: number): number {
    return this.#beganMs + (question * 1000) / this.#perSecond
  }
}
