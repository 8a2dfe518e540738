import { Writable } from 'node:stream'
import { afterTurn } from '../../../pkg/async/after-turn.ts'

/**
 * Lets all answers that a stream of questions gives in one turn of the event loop leave in one write. By
 * itself grpc-js (1.14) writes one, and waits until that has left before it takes the next.
 *
 * @param call The call as grpc-js hands it over; one that has changed inside is left as it is.
 */
export function sendAnswersTogether(call: object): void {
  const beneath = 'call' in call ? call.call : undefined
  if (typeof beneath !== 'object' || beneath === null) return
  if (!('stream' in beneath && beneath.stream instanceof Writable)) return
  if (!('sendMessage' in beneath && typeof beneath.sendMessage === 'function')) return
  const { stream } = beneath
  const send = beneath.sendMessage.bind(beneath)
  const gather = gathering(stream)
  // The next answer is taken once there is room in the stream, which fills when its client does not read.
  beneath.sendMessage = (answer: unknown, takeNext: () => void) => {
    gather()
    send(answer, () => {})
    if (stream.writableNeedDrain) stream.once('drain', takeNext)
    else takeNext()
  }
}

/** Holds back what is written until the end of the turn of the event loop, each time it is called. */
function gathering(stream: Writable): () => void {
  let isGathering = false
  return () => {
    if (isGathering) return
    isGathering = true
    stream.cork()
    afterTurn(() => {
      isGathering = false
      stream.uncork()
    })
  }
}
