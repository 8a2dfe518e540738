import type { DecodedId, IdRange } from '../../pkg/client/id-client.ts'
import { type Patience, Transport, unlessAborted } from '../../pkg/client/transport.ts'

/** Something that a client asked of an instance, and waits for. */
export interface Attempt {
  readonly what: 'nextIds' | 'decodeId' | 'probe'
  /** How many ids; 0 if it asks for none. */
  readonly count: number
  readonly limitMs: number
  /** Whether the client waits no longer. */
  readonly isOver: () => boolean
  /** Answers with as many ids as were asked for, from `first` on; or that all is well. */
  succeed(first?: bigint): void
  /** Answers with these ids. */
  give(ranges: readonly IdRange[]): void
  /** As an instance, with a GolovesError; as a network, with anything else. */
  fail(reason: unknown): void
}

/** A way to an instance that answers when the test says so, or `always` in the same way. */
export class ScriptedTransport extends Transport {
  readonly attempts: Attempt[] = []
  /** Done to each attempt from now on. */
  always: ((attempt: Attempt) => void) | undefined
  isClosed = false

  /** The attempts that are still waited for. */
  get open(): Attempt[] {
    return this.attempts.filter(({ isOver }) => !isOver())
  }

  override nextIds(_tag: string, count: number, patience: Patience): Promise<readonly IdRange[]> {
    return this.#ask('nextIds', count, patience, (ranges) => ranges)
  }

  override decodeId(_tag: string, _id: bigint, patience: Patience): Promise<DecodedId> {
    return this.#ask('decodeId', 0, patience, () => ({ timeMs: 1, worker: 2, sequence: 3 }))
  }

  override async probe(patience: Patience): Promise<void> {
    await this.#ask('probe', 0, patience, () => true)
  }

  override close(): void {
    this.isClosed = true
  }

  #ask<Answer>(
    what: Attempt['what'],
    count: number,
    { limitMs, signal }: Patience,
    answer: (ranges: readonly IdRange[]) => Answer,
  ): Promise<Answer> {
    let isSettled = false
    return unlessAborted<Answer>(signal, (resolve, reject) => {
      const give = (ranges: readonly IdRange[]) => {
        isSettled = true
        resolve(answer(ranges))
      }
      const attempt: Attempt = {
        what,
        count,
        limitMs,
        isOver: () => isSettled || signal.aborted,
        succeed: (first = 1n) => give([{ first, last: first + BigInt(count) - 1n, step: 1n }]),
        give,
        fail: (reason) => {
          isSettled = true
          reject(reason)
        },
      }
      this.attempts.push(attempt)
      queueMicrotask(() => this.always?.(attempt))
      return () => {}
    })
  }
}
