import { Writable } from 'node:stream'
import {
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
} from '@grpc/grpc-js'
import { afterTurn } from '../../../pkg/async/after-turn.ts'

/**
 * Lets all answers that a stream of questions gives in one turn of the event loop leave in one write. By
 * itself grpc-js (1.14) writes one, and waits until that has left before it takes the next.
 */
export const answersTogether: ServerInterceptor = ({ requestStream, responseStream }, call) => {
  const stream = requestStream && responseStream ? streamBeneath(call) : undefined
  return stream === undefined ? new ServerInterceptingCall(call) : new AnswersTogether(call, stream)
}

class AnswersTogether extends ServerInterceptingCall {
  readonly #stream: Writable
  #isGathering = false

  constructor(call: ServerInterceptingCallInterface, stream: Writable) {
    super(call)
    this.#stream = stream
  }

  /** The next answer is taken once there is room in the stream, which fills when its client does not read. */
  override sendMessage(answer: unknown, takeNext: () => void): void {
    this.#gather()
    super.sendMessage(answer, () => {})
    if (this.#stream.writableNeedDrain) this.#stream.once('drain', takeNext)
    else takeNext()
  }

  #gather(): void {
    if (this.#isGathering) return
    this.#isGathering = true
    this.#stream.cork()
    afterTurn(() => {
      this.#isGathering = false
      this.#stream.uncork()
    })
  }
}

/** The HTTP/2 stream that carries a call, which grpc-js does not show. */
function streamBeneath(call: ServerInterceptingCallInterface): Writable | undefined {
  return 'stream' in call && call.stream instanceof Writable ? call.stream : undefined
}
