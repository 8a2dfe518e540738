import type { Duplex } from 'node:stream'
import {
  type Deadline,
  type handleBidiStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  status,
} from '@grpc/grpc-js'
import type { Clock } from '../../../pkg/clock/clock.ts'
import { deadlineExceeded, overloaded } from '../../../pkg/errors/failures.ts'
import { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import type { CallMeter } from '../../../pkg/metering/call-meter.ts'
import type { CodeCounts } from '../../../pkg/metering/code-counts.ts'
import type { Caller } from '../../domain/generator/caller.ts'
import { answerBy, type DeadlineLimits } from '../deadline.ts'
import type { Gate } from '../gate.ts'
import { sendAnswersTogether } from './answers-together.ts'
import type { Received } from './contract.ts'
import type { Method } from './method.ts'
import { QuestionStream } from './question-stream.ts'
import { toStatus } from './status.ts'

export interface CallOptions {
  readonly gate: Gate
  readonly clock: Clock
  readonly deadlines: DeadlineLimits
  /** Is told each mistake of ours, once; whoever called hears INTERNAL and no more. */
  readonly report: (error: unknown) => void
}

const RETRY_AFTER_MS = 1000

interface CallsOptions extends CallOptions {
  /** How many streams may be open; a further one is OVERLOADED. */
  readonly streamsMax: number
  readonly refusals: CodeCounts
}

/** Carries plain methods over grpc-js: nothing else knows its call objects. */
export class Calls {
  readonly #options: CallsOptions
  readonly #endings = new Set<() => void>()

  constructor(options: CallsOptions) {
    this.#options = options
  }

  /** A method of one request and one response. Makes no promise unless the method does. */
  unary<Request, Response>(
    method: Method<Request, Response>,
    meter: CallMeter,
  ): handleUnaryCall<Received<Request>, Response> {
    const { clock } = this.#options
    return (call, respond) => {
      const sinceMs = clock.monotonicMs()
      meter.begin()
      const caller = new CallCaller(call, this.#options)
      const fail = (error: unknown) => {
        caller.answered()
        const failed = toStatus(this.#failure(error))
        meter.end(failed.code, clock.monotonicMs() - sinceMs)
        respond(failed)
      }
      let response: Response | Promise<Response>
      try {
        this.#options.gate.enter()
        response = method(caller.request(call.request), caller)
      } catch (error) {
        return fail(error)
      }
      if (!(response instanceof Promise)) {
        meter.end(status.OK, clock.monotonicMs() - sinceMs)
        return respond(null, response)
      }
      response.then((answer) => {
        caller.answered()
        meter.end(status.OK, clock.monotonicMs() - sinceMs)
        respond(null, answer)
      }, fail)
    }
  }

  /** A method that answers a stream of questions, with what `refuse` makes of it where one fails. */
  stream<Question, Answer>(
    method: Method<Question, Answer>,
    refuse: (failure: GolovesError) => Answer,
    meter: CallMeter,
  ): handleBidiStreamingCall<Received<Question>, Answer> {
    return (call) => {
      const sinceMs = this.#options.clock.monotonicMs()
      const end = (code: status) => meter.end(code, this.#options.clock.monotonicMs() - sinceMs)
      meter.begin()
      if (this.#isFull(call)) return end(status.RESOURCE_EXHAUSTED)
      sendAnswersTogether(call)
      const answer = async (question: Received<Question>) => {
        const caller = new CallCaller(call, this.#options)
        meter.receive()
        try {
          return await method(caller.request(question), caller)
        } catch (error) {
          return refuse(this.#failure(error))
        } finally {
          caller.answered()
          meter.send()
        }
      }
      const stream = new QuestionStream(call, answer, this.#options.gate)
      const fail = (error: unknown) => {
        const failed = toStatus(this.#failure(error))
        end(failed.code)
        call.emit('error', failed)
      }
      this.#endWith(call, () => stream.wake())
      stream.run().then(() => {
        end(call.cancelled ? status.CANCELLED : status.OK)
        call.end()
      }, fail)
    }
  }

  /** A stream that someone else answers, such as the watch of a health; it ends when ours end. */
  watch<Request, Response>(
    handler: handleServerStreamingCall<Request, Response>,
  ): handleServerStreamingCall<Request, Response> {
    return (call) => {
      if (this.#isFull(call)) return
      this.#endWith(call, () => call.end())
      handler(call)
    }
  }

  /** Ends every stream that is open; ours as the gate says, once the question at hand is answered. */
  endStreams(): void {
    for (const end of this.#endings) end()
  }

  /** Whether there are too many streams for this one; then it is refused. */
  #isFull(call: Pick<Duplex, 'emit'>): boolean {
    if (this.#endings.size < this.#options.streamsMax) return false
    call.emit('error', toStatus(this.#failure(overloaded('streams are open', RETRY_AFTER_MS))))
    return true
  }

  #endWith(call: AnyCall, end: () => void): void {
    this.#endings.add(end)
    // grpc-js says this at the end of every call, however it ended.
    call.once('cancelled', () => this.#endings.delete(end))
  }

  #failure(error: unknown): GolovesError {
    const failure = GolovesError.from(error)
    this.#options.refusals.count(failure.code)
    if (failure.code === 'INTERNAL') this.#options.report(error)
    return failure
  }
}

/** What all of grpc-js's calls have in common. */
interface AnyCall {
  readonly cancelled: boolean
  getDeadline(): Deadline
  once(event: 'cancelled', listener: () => void): unknown
  off(event: 'cancelled', listener: () => void): unknown
}

/** Who waits at the other end of a call. Looks at the clock only when it is asked to. */
class CallCaller implements Caller {
  readonly #call: AnyCall
  readonly #options: CallOptions
  #deadlineMs: number | undefined
  #left: (() => void) | undefined

  constructor(call: AnyCall, options: CallOptions) {
    this.#call = call
    this.#options = options
  }

  /** @throws GolovesError why the request can't be read; DEADLINE_EXCEEDED if nobody listens any more. */
  request<Request>(received: Received<Request>): Request {
    if (received instanceof GolovesError) throw received
    if (this.#call.cancelled || this.#listensMs() <= 0) throw deadlineExceeded()
    return received
  }

  get deadlineMs(): number {
    const { clock, deadlines } = this.#options
    this.#deadlineMs ??= answerBy(clock.monotonicMs(), this.#listensMs(), deadlines)
    return this.#deadlineMs
  }

  onLeave(left: () => void): void {
    this.answered()
    this.#left = left
    this.#call.once('cancelled', left)
    if (this.#call.cancelled) queueMicrotask(left)
  }

  /** From now on nobody is told that the caller left; grpc-js says so at the end of every call. */
  answered(): void {
    if (this.#left !== undefined) this.#call.off('cancelled', this.#left)
    this.#left = undefined
  }

  /** grpc-js keeps the deadline on the wall clock. Infinite if the caller named none. */
  #listensMs(): number {
    const deadline = Number(this.#call.getDeadline())
    return deadline === Number.POSITIVE_INFINITY ? deadline : deadline - this.#options.clock.nowMs()
  }
}
