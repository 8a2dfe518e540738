import type { TagName } from '../../internal/domain/entity/tag.ts'
import type { DecodedId, IdRange } from './id-client.ts'

/** How long an attempt may take, and what calls it off: its end, or that of the client. */
export interface Patience {
  readonly limitMs: number
  readonly signal: AbortSignal
}

/**
 * One way to one instance of the service.
 *
 * What it rejects with is a GolovesError exactly if the instance said so; anything else means that
 * no word of it was heard, so that what was asked may or may not have been done.
 */
export abstract class Transport {
  abstract nextIds(tag: TagName, count: number, patience: Patience): Promise<readonly IdRange[]>

  abstract decodeId(tag: TagName, id: bigint, patience: Patience): Promise<DecodedId>

  /** Resolves once the instance is reached, by a connection that was not there before. */
  abstract probe(patience: Patience): Promise<void>

  /** Takes no more questions. Those under way are called off by their signal. */
  abstract close(): void
}

/**
 * What `start` comes to, unless `signal` aborts first: then what `start` returned is called, and
 * whatever it comes to later is dropped.
 */
export function unlessAborted<Answer>(
  signal: AbortSignal,
  start: (resolve: (answer: Answer) => void, reject: (reason: unknown) => void) => () => void,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      reject(signal.reason)
      stop()
    }
    const settled = () => signal.removeEventListener('abort', abort)
    const stop = start(
      (answer) => {
        settled()
        resolve(answer)
      },
      (reason) => {
        settled()
        reject(reason)
      },
    )
    signal.addEventListener('abort', abort)
  })
}
