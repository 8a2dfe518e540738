import { appendFileSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { Schedule } from './schedule.ts'

export interface OpenLoopRunOrder {
  readonly perSecond: number
  readonly seconds: number
  /** The file that is written. */
  readonly log: string
}

/** More than that under way at once is no load that anybody carries. */
const UNDER_WAY_MAX = 20_000
/** At the same rate, and not written down: the asking process is slow until its code is compiled. */
const WARM_UP_S = 1
const LINES_AT_ONCE = 10_000

/** Asks questions at a fixed rate, whether those before are answered or not. Takes a whole core. */
export class OpenLoopRun {
  readonly #order: OpenLoopRunOrder
  readonly #schedule: Schedule
  readonly #sentMs: Float64Array
  readonly #tookMs: Float64Array
  #answered = 0

  constructor(order: OpenLoopRunOrder) {
    this.#order = order
    this.#schedule = new Schedule(performance.now(), order.perSecond, WARM_UP_S + order.seconds)
    this.#sentMs = new Float64Array(this.#schedule.count)
    this.#tookMs = new Float64Array(this.#schedule.count)
  }

  /**
   * Sends each question at its time, and writes the log (`readLog`) when all are answered. It never
   * sleeps, since no timer wakes it within a millisecond.
   *
   * @param ask Sends a question, of which `answered` is told later. They are numbered from 0.
   * @returns False, and without a log, once 20,000 questions wait for their answers.
   */
  async run(ask: (question: number) => void): Promise<boolean> {
    const { count } = this.#schedule
    for (let sent = 0; this.#answered < count; await turn()) {
      for (const due = this.#schedule.dueAt(performance.now()); sent < due; sent++) {
        this.#sentMs[sent] = performance.now()
        ask(sent)
      }
      if (sent - this.#answered > UNDER_WAY_MAX) return false
    }
    this.#write()
    return true
  }

  /** Each waits from its time, whenever it was really sent. */
  answered(question: number): void {
    this.#tookMs[question] = performance.now() - this.#schedule.plannedMs(question)
    this.#answered += 1
  }

  #write(): void {
    const { perSecond, log } = this.#order
    const { count } = this.#schedule
    let lines: string[] = []
    for (let question = Math.round(perSecond * WARM_UP_S); question < count; question++) {
      lines.push(`${inUs(this.#sentMs[question])}\t${inUs(this.#tookMs[question])}\n`)
      if (lines.length < LINES_AT_ONCE && question < count - 1) continue
      appendFileSync(log, lines.join(''))
      lines = []
    }
  }
}

function inUs(ms = 0): number {
  return Math.round(ms * 1000)
}
