import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import type { ClientDuplexStream } from '@grpc/grpc-js'
import { z } from 'zod'
import type { Answered } from './answered.ts'
import { countOf } from './count-of.ts'
import { GrpcClient } from './grpc-client.ts'
import { nextId, nextIds, type Outcome, Ranges, settle } from './next-ids.ts'

/** Longer than a process stands still. */
const LIMIT_MS = 60_000
/** So long a caller who was refused waits before it asks again. */
const PAUSE_MS = 50
/** So many ids fill whole ticks: two processes with one worker id would hardly miss each other. */
const COUNT_MAX = 100_000
/** Without a common divisor, so that a call asks now for many and now for few. */
const COUNT_STRIDE = 44_437

const StreamAnswer = z.union([
  z.object({ ranges: Ranges }).transform(({ ranges }) => ranges),
  z.object({ error: z.object({ code: z.string() }) }).transform(({ error }) => error.code),
])

/**
 * Callers of one service, for each tag one by NextId, one by NextIds and one by StreamIds. Each asks
 * again as soon as it is answered, and a little later if it is refused.
 */
export class Load {
  readonly #client: GrpcClient
  readonly #countMax: number
  readonly #answers = new Map<string, Answered[]>()
  readonly #refusals: string[] = []
  readonly #done: Promise<unknown>
  #isOver = false

  /** Begins to ask, for `countMax` ids at a time at most. */
  constructor(port: number, tags: readonly string[], countMax = COUNT_MAX) {
    this.#client = new GrpcClient(port)
    this.#countMax = countMax
    this.#done = Promise.all(tags.flatMap((tag) => this.#callersOf(tag)))
    // Whoever stops it is told.
    this.#done.catch(() => {})
  }

  /** What the tag's callers were answered so far. */
  answers(tag: string): readonly Answered[] {
    return this.#answers.get(tag) ?? []
  }

  /** The codes of all refusals so far: ours, or gRPC's where the service could not say why. */
  get refusals(): readonly string[] {
    return this.#refusals
  }

  /** Lets each caller wait for its last answer. @throws Error if one of them got what it did not ask for. */
  async stop(): Promise<void> {
    this.#isOver = true
    try {
      await this.#done
    } finally {
      this.#client.close()
    }
  }

  #callersOf(tag: string): Promise<void>[] {
    const answers: Answered[] = []
    this.#answers.set(tag, answers)
    const stream = new StreamCaller(this.#client)
    return [
      this.#askAgain(answers, 1, () => nextId(this.#client, tag, LIMIT_MS)),
      this.#askAgain(answers, this.#countMax, (count) =>
        nextIds(this.#client, tag, count, LIMIT_MS),
      ),
      this.#askAgain(answers, this.#countMax, (count) => stream.ask(tag, count)).finally(() =>
        stream.close(),
      ),
    ]
  }

  async #askAgain(
    answers: Answered[],
    countMax: number,
    ask: (count: number) => Promise<Outcome>,
  ): Promise<void> {
    for (let call = 0; !this.#isOver; call++) {
      const count = 1 + ((call * COUNT_STRIDE) % countMax)
      const beganMs = performance.now()
      const outcome = await ask(count)
      if (typeof outcome === 'string') {
        this.#refusals.push(outcome)
        await pause(PAUSE_MS)
        continue
      }
      if (countOf(outcome) !== BigInt(count)) throw new Error(`These are not ${count} ids.`)
      answers.push({ beganMs, endedMs: performance.now(), ranges: outcome })
    }
  }
}

/** Asks one question after the other on one stream, and opens another one when it broke. */
class StreamCaller {
  readonly #client: GrpcClient
  #stream: ClientDuplexStream<object, object> | undefined

  constructor(client: GrpcClient) {
    this.#client = client
  }

  async ask(tag: string, count: number): Promise<Outcome> {
    this.#stream ??= this.#open()
    const answered = once(this.#stream, 'data').then(([answer]) => answer)
    this.#stream.write({ tag, count })
    const answer = await settle(answered)
    return typeof answer === 'string' ? answer : StreamAnswer.parse(answer)
  }

  close(): void {
    this.#stream?.cancel()
  }

  #open(): ClientDuplexStream<object, object> {
    const stream = this.#client.stream(LIMIT_MS)
    stream.on('error', () => {
      this.#stream = undefined
    })
    return stream
  }
}
