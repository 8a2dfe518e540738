import type { ServerResponse } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Clock } from '../../../pkg/clock/clock.ts'
import { deadlineExceeded, requestInvalid } from '../../../pkg/errors/failures.ts'
import type { Caller } from '../../domain/generator/caller.ts'
import { answerBy, type DeadlineLimits } from '../deadline.ts'
import { checked, parseJson } from './json-body.ts'

const NO_FIELDS = z.strictObject({})

/** A request as Fastify hands it over: its body is still text. */
export type HttpRequest = FastifyRequest<{
  Params: { tag?: string }
  Body: string | undefined
}>

/** One request, and who waits for its answer. The one file that knows Fastify's request. */
export class HttpCall implements Caller {
  readonly #request: HttpRequest
  readonly #response: ServerResponse
  readonly #clock: Clock
  readonly #limits: DeadlineLimits
  readonly #timeoutMs: number | undefined
  #deadlineMs: number | undefined
  #left: (() => void) | undefined

  /** @throws GolovesError REQUEST_INVALID for a wrong Request-Timeout-Ms. */
  constructor(
    request: HttpRequest,
    response: ServerResponse,
    clock: Clock,
    limits: DeadlineLimits,
  ) {
    this.#request = request
    this.#response = response
    this.#clock = clock
    this.#limits = limits
    this.#timeoutMs = timeoutOf(request.headers['request-timeout-ms'])
  }

  /** What stands in the path for the tag; empty if there is nothing, or no place for one. */
  get tag(): string {
    return this.#request.params.tag ?? ''
  }

  get query(): unknown {
    return this.#request.query
  }

  /**
   * The body's JSON; undefined if there is no body.
   *
   * @throws GolovesError MEDIA_TYPE_UNSUPPORTED, REQUEST_INVALID.
   */
  get body(): unknown {
    const text = this.#request.body
    return text ? parseJson(this.#request.headers['content-type'], text) : undefined
  }

  /** @throws GolovesError as `body` does, and REQUEST_INVALID for a body with anything in it but `{}`. */
  expectNoBody(): void {
    if (this.#request.body) checked(NO_FIELDS, 'The body', this.body)
  }

  // Reckoned when it is first asked for: an id from memory needs no clock.
  get deadlineMs(): number {
    this.#deadlineMs ??= answerBy(this.#clock.monotonicMs(), this.#timeoutMs, this.#limits)
    return this.#deadlineMs
  }

  onLeave(left: () => void): void {
    if (this.#left === undefined) this.#watch()
    this.#left = left
    if (this.#request.raw.socket.destroyed) queueMicrotask(left)
  }

  // Once per call, who may wait often before it is answered.
  #watch(): void {
    const { socket } = this.#request.raw
    const leave = () => this.#left?.()
    socket.once('close', leave)
    this.#response.once('close', () => socket.off('close', leave))
  }

  /**
   * What `work` comes to, for work that knows no deadline of its own.
   *
   * @throws GolovesError DEADLINE_EXCEEDED when the deadline comes first; the work goes on.
   */
  inTime<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const leftMs = Math.max(0, this.deadlineMs - this.#clock.monotonicMs())
      const callOff = this.#clock.after(leftMs, () => reject(deadlineExceeded()))
      void work.then(resolve, reject).finally(callOff)
    })
  }
}

function timeoutOf(header: string | string[] | undefined): number | undefined {
  if (header === undefined) return undefined
  if (typeof header !== 'string' || !/^[1-9]\d{0,14}$/.test(header)) {
    throw requestInvalid('Request-Timeout-Ms is a whole number of milliseconds from 1.')
  }
  return Number(header)
}
