import type { TagName } from '../../internal/domain/entity/tag.ts'
import { fullJitterMs, type Random } from '../async/backoff.ts'
import { withTimeLimit } from '../async/time-limit.ts'
import type { Clock } from '../clock/clock.ts'
import { UNAVAILABLE_CODES } from '../errors/error-code.ts'
import { clientClosed, overloaded, serviceUnreached } from '../errors/failures.ts'
import { GolovesError } from '../errors/goloves-error.ts'
import type { DecodedId, IdRange } from './id-client.ts'
import { Question } from './question.ts'
import type { Route } from './route.ts'
import type { Patience, Transport } from './transport.ts'

/** How many questions may be under way. */
const QUESTIONS_MAX = 100_000
const RETRY_AFTER_MS = 1000

/** Between one round of attempts and the next. */
const PAUSE = { baseMs: 50, capMs: 500 }

type Ask<Answer> = (transport: Transport, patience: Patience) => Promise<Answer>

export interface ServiceOptions {
  /** The instances in the order in which they are asked, and the routes to each; at least one. */
  readonly instances: readonly (readonly Route[])[]
  readonly clock: Clock
  readonly random: Random
  /** How long a question may take. */
  readonly deadlineMs: number
}

/**
 * The service as a whole: a question goes to one instance after the other, round after round, until one
 * answers it, or says what any other would say too, or its deadline comes.
 *
 * To ask again is safe whatever became of the attempt before: ids that nobody hears of are a gap.
 *
 * 1. A question is settled once: an attempt is over before the next one begins, and what it comes to
 *    after that is dropped (`unlessAborted`).
 * 2. Another attempt follows only where no instance was heard, or one is unavailable.
 * 3. An attempt takes half of the time that is left, unless there is no other route to take.
 */
export class Service {
  readonly #instances: readonly (readonly Route[])[]
  readonly #clock: Clock
  readonly #random: Random
  readonly #deadlineMs: number
  /** What ends each attempt and each pause under way. */
  readonly #ends = new Set<() => void>()
  #questions = 0
  #isClosed = false
  /** How many ids one call may ask for, as far as is known. */
  #countMax = Number.POSITIVE_INFINITY

  constructor({ instances, clock, random, deadlineMs }: ServiceOptions) {
    this.#instances = instances
    this.#clock = clock
    this.#random = random
    this.#deadlineMs = deadlineMs
  }

  /** A question that is asked now. */
  question(): Question {
    return new Question(this.#clock.monotonicMs() + this.#deadlineMs)
  }

  /** Exactly `count` ids. */
  nextIds(tag: TagName, count: number, question: Question): Promise<readonly IdRange[]> {
    return this.#ask((transport, patience) => transport.nextIds(tag, count, patience), question)
  }

  /** `count` ids, or as many as the service gives in one call and has. */
  async nextIdsUpTo(tag: TagName, count: number, question: Question): Promise<readonly IdRange[]> {
    for (let asked = Math.min(count, this.#countMax); ; asked = Math.ceil(asked / 2)) {
      try {
        return await this.nextIds(tag, asked, question)
      } catch (thrown) {
        const { code } = GolovesError.from(thrown)
        const isTooMany = code === 'COUNT_OUT_OF_RANGE' || code === 'TAG_EXHAUSTED'
        if (!isTooMany || asked === 1) throw thrown
        // Over HTTP nobody says what the limit is.
        if (code === 'COUNT_OUT_OF_RANGE') this.#countMax = Math.ceil(asked / 2)
      }
    }
  }

  decodeId(tag: TagName, id: bigint, question: Question): Promise<DecodedId> {
    return this.#ask((transport, patience) => transport.decodeId(tag, id, patience), question)
  }

  /** Every question, those under way and those to come, is told that the client is closed. */
  close(): void {
    this.#isClosed = true
    for (const end of this.#ends) end()
    for (const route of this.#instances.flat()) route.close()
  }

  /** @throws GolovesError, and nothing else. */
  async #ask<Answer extends object>(ask: Ask<Answer>, question: Question): Promise<Answer> {
    if (this.#questions >= QUESTIONS_MAX) throw overloaded('questions', RETRY_AFTER_MS)
    this.#questions += 1
    try {
      for (let round = 1; ; round++) {
        this.#ensureOpen()
        const outcome = await this.#askAround(ask, question)
        if (typeof outcome !== 'number') return outcome
        await this.#pause(round, outcome, question)
      }
    } finally {
      this.#questions -= 1
    }
  }

  /**
   * Asks every instance along the routes that are fit.
   *
   * @returns The first answer; or, where all are unavailable, for how many milliseconds at least.
   */
  async #askAround<Answer extends object>(
    ask: Ask<Answer>,
    question: Question,
  ): Promise<Answer | number> {
    const instances = this.#instances.map((routes) => routes.filter((route) => route.isFit()))
    const last = instances.flat().at(-1)
    if (last === undefined) {
      question.failure = serviceUnreached(this.#instances[0]?.[0]?.cause)
      return 0
    }
    let waitMs = Number.POSITIVE_INFINITY
    for (const routes of instances) {
      for (const route of routes) {
        const outcome = await this.#attempt(route, ask, question, route === last)
        if (outcome !== undefined && !(outcome instanceof GolovesError)) return outcome
        waitMs = Math.min(waitMs, outcome?.retryAfterMs ?? 0)
        if (outcome !== undefined) break
      }
    }
    return waitMs
  }

  /** @returns The answer, why the instance is unavailable, or undefined if it was not heard. */
  async #attempt<Answer extends object>(
    route: Route,
    ask: Ask<Answer>,
    question: Question,
    isLast: boolean,
  ): Promise<Answer | GolovesError | undefined> {
    const beganMs = this.#clock.monotonicMs()
    const leftMs = question.deadlineMs - beganMs
    if (leftMs <= 0) throw question.lateError
    const limitMs = isLast ? leftMs : leftMs / 2
    const limit = new AbortController()
    const end = () => limit.abort()
    const attempt = (signal: AbortSignal) => ask(route.transport, { limitMs, signal })
    this.#ends.add(end)
    try {
      return await withTimeLimit(this.#clock, limitMs, attempt, limit)
    } catch (thrown) {
      this.#ensureOpen()
      if (thrown instanceof GolovesError) return this.#heard(thrown, question, isLast)
      route.rest(thrown, beganMs)
      if (!limit.signal.aborted) question.failure = serviceUnreached(thrown)
      else if (isLast) throw question.lateError
      return undefined
    } finally {
      this.#ends.delete(end)
    }
  }

  /** @throws GolovesError `refusal`, if another attempt would come to the same. */
  #heard(refusal: GolovesError, question: Question, isLast: boolean): GolovesError | undefined {
    question.failure = refusal
    if (UNAVAILABLE_CODES.has(refusal.code)) return refusal
    // It knew of half the time only.
    if (refusal.code === 'DEADLINE_EXCEEDED' && !isLast) return undefined
    throw refusal
  }

  /** @throws GolovesError why there is no answer, if the question can't wait for another round. */
  async #pause(round: number, waitMs: number, question: Question): Promise<void> {
    const leftMs = question.deadlineMs - this.#clock.monotonicMs()
    if (waitMs >= leftMs) throw question.lateError
    const pauseMs = Math.max(waitMs, fullJitterMs(round, PAUSE, this.#random))
    await this.#sleep(Math.min(pauseMs, leftMs))
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        callOff()
        this.#ends.delete(end)
        resolve()
      }
      const callOff = this.#clock.after(ms, end)
      this.#ends.add(end)
    })
  }

  #ensureOpen(): void {
    if (this.#isClosed) throw clientClosed()
  }
}
