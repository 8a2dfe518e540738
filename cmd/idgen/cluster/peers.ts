import type { z } from 'zod'
import type { Clock } from '../../../pkg/clock/clock.ts'
import type { ToPrimary, ToWorker } from './messages.ts'

/** One kind of question among the processes of a service. What it is about, and its answer, can be cloned. */
export interface Topic<About, Answer> {
  readonly name: string
  readonly about: z.ZodType<About>
  readonly answer: z.ZodType<Answer>
}

/** What the others answered, in no order. */
export interface Answers<Answer> {
  readonly answers: readonly Answer[]
  /** How many did not answer in time, and are left out. */
  readonly silent: number
}

/** The other worker processes of the same service. */
export abstract class Peers {
  /** How this process answers questions of a topic. One at which `respond` throws stays unanswered. */
  abstract answer<About, Answer>(
    topic: Topic<About, Answer>,
    respond: (about: About) => Answer | Promise<Answer>,
  ): void

  /** Asks all others that serve. Takes half a second at most, and never rejects. */
  abstract ask<About, Answer>(topic: Topic<About, Answer>, about: About): Promise<Answers<Answer>>
}

/** For a service of one process. */
export class NoPeers extends Peers {
  answer(): void {}

  async ask<About, Answer>(_topic: Topic<About, Answer>): Promise<Answers<Answer>> {
    return { answers: [], silent: 0 }
  }
}

interface OpenQuestion {
  /** How many were asked. */
  expected: number
  readonly answers: unknown[]
  readonly end: () => void
}

/** A healthy process answers within a millisecond. */
const TIME_LIMIT_MS = 500
const QUESTIONS_MAX = 1000

/** Asks by way of the primary. */
export class ProcessPeers extends Peers {
  readonly #send: (message: ToPrimary) => void
  readonly #clock: Clock
  readonly #responders = new Map<string, (about: unknown) => unknown>()
  readonly #open = new Map<number, OpenQuestion>()
  #asked = 0
  /** How many of them the primary has passed on. */
  #passedOn = 0

  constructor(send: (message: ToPrimary) => void, clock: Clock) {
    super()
    this.#send = send
    this.#clock = clock
  }

  answer<About, Answer>(
    topic: Topic<About, Answer>,
    respond: (about: About) => Answer | Promise<Answer>,
  ): void {
    this.#responders.set(topic.name, (about) => respond(topic.about.parse(about)))
  }

  async ask<About, Answer>(topic: Topic<About, Answer>, about: About): Promise<Answers<Answer>> {
    const waiting = Math.max(this.#open.size, this.#asked - this.#passedOn)
    if (waiting >= QUESTIONS_MAX) return { answers: [], silent: 1 }
    const question = ++this.#asked
    const { expected, answers } = await new Promise<OpenQuestion>((resolve) => {
      const end = () => {
        callOff()
        this.#open.delete(question)
        resolve(open)
      }
      const callOff = this.#clock.after(TIME_LIMIT_MS, end)
      // At least one, until the primary says how many.
      const open: OpenQuestion = { expected: 1, answers: [], end }
      this.#open.set(question, open)
      this.#send({ kind: 'ask', question, topic: topic.name, about })
    })
    const understood = answers.flatMap((answer) => {
      const { success, data } = topic.answer.safeParse(answer)
      return success ? [data] : []
    })
    return { answers: understood, silent: expected - understood.length }
  }

  /** Takes what the primary says. */
  hear(message: ToWorker): void {
    if (message.kind === 'question') void this.#respond(message)
    if (message.kind === 'asked') this.#passedOn += 1
    if (message.kind !== 'asked' && message.kind !== 'answered') return
    const open = this.#open.get(message.question)
    if (open === undefined) return
    if (message.kind === 'asked') open.expected = message.others
    else open.answers.push(message.answer)
    if (open.answers.length >= open.expected) open.end()
  }

  async #respond({ from, question, topic, about }: Extract<ToWorker, { kind: 'question' }>) {
    let answer: unknown
    try {
      answer = await this.#responders.get(topic)?.(about)
    } catch {
      // Nothing is no answer to whoever asked.
    }
    this.#send({ kind: 'answer', to: from, question, answer })
  }
}
