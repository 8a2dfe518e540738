import type { ToPrimary, ToWorker } from './messages.ts'

type Question = Extract<ToPrimary, { kind: 'ask' }>
type Answer = Extract<ToPrimary, { kind: 'answer' }>

interface Line {
  readonly send: (message: ToWorker) => void
  isAsked: boolean
  /** How many questions were passed on to it that it has not answered. */
  unanswered: number
}

/** A process that stands still is not sent more than this many questions. */
const UNANSWERED_MAX = 1000

/** Passes questions of each worker process on to all others, and their answers back. In the primary. */
export class Switchboard {
  readonly #lines = new Map<number, Line>()

  /** From now on the process may ask. */
  connect(id: number, send: (message: ToWorker) => void): void {
    this.#lines.set(id, { send, isAsked: false, unanswered: 0 })
  }

  /** From now on it is asked, too. */
  include(id: number): void {
    const line = this.#lines.get(id)
    if (line !== undefined) line.isAsked = true
  }

  disconnect(id: number): void {
    this.#lines.delete(id)
  }

  ask(from: number, { question, topic, about }: Question): void {
    const others = [...this.#lines].filter(([id, { isAsked }]) => isAsked && id !== from)
    // Those too that will not be asked, so that they are missed.
    this.#lines.get(from)?.send({ kind: 'asked', question, others: others.length })
    for (const [, line] of others) {
      if (line.unanswered >= UNANSWERED_MAX) continue
      line.unanswered += 1
      line.send({ kind: 'question', from, question, topic, about })
    }
  }

  answer(from: number, { to, question, answer }: Answer): void {
    const line = this.#lines.get(from)
    if (line !== undefined) line.unanswered -= 1
    this.#lines.get(to)?.send({ kind: 'answered', question, answer })
  }
}
