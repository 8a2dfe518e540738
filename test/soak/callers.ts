import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { Tally } from '../simulation/tally.ts'
import { GrpcClient } from '../support/grpc-client.ts'
import { nextId, nextIds, OneId, type Outcome } from '../support/next-ids.ts'
import { MergedRanges } from './merged-ranges.ts'

const PATIENCE_MS = 5_000
/** So long each of them waits between two calls. */
const PAUSE_MS = 10
const COUNT_MAX = 1_000
const COUNT_STRIDE = 37
const CALLERS_PER_TAG = 8

const Problem = z.object({ code: z.string() }).transform(({ code }) => code)

/** Callers who ask one service, by turns for one id over gRPC, many over gRPC, and one over HTTP. */
export class Callers {
  calls = 0
  /** How many calls were refused, by code. */
  readonly refusals = new Tally()
  readonly #client: GrpcClient
  readonly #httpAddress: string
  readonly #given = new Map<string, MergedRanges>()
  readonly #done: Promise<unknown>
  #isOver = false

  /** Begins to ask. */
  constructor(grpcPort: number, httpAddress: string, tags: readonly string[]) {
    this.#client = new GrpcClient(grpcPort)
    this.#httpAddress = httpAddress
    this.#done = Promise.all(tags.flatMap((tag) => this.#callersOf(tag)))
    // Whoever stops it is told.
    this.#done.catch(() => {})
  }

  get ids(): bigint {
    return [...this.#given.values()].reduce((sum, given) => sum + given.count, 0n)
  }

  /** @throws Error if an id was given twice. */
  check(): void {
    for (const given of this.#given.values()) given.merge()
  }

  /** Lets each caller wait for its last answer. @throws Error if one of them got neither ids nor a code. */
  async stop(): Promise<void> {
    this.#isOver = true
    try {
      await this.#done
    } finally {
      this.#client.close()
    }
  }

  #callersOf(tag: string): Promise<void>[] {
    const given = new MergedRanges()
    this.#given.set(tag, given)
    return Array.from({ length: CALLERS_PER_TAG }, (_, n) => this.#askAgain(tag, given, n))
  }

  async #askAgain(tag: string, given: MergedRanges, from: number): Promise<void> {
    for (let call = from; !this.#isOver; call += 1) {
      const outcome = await this.#ask(tag, call)
      if (typeof outcome === 'string') this.refusals.add(outcome)
      else given.add(outcome)
      this.calls += 1
      await pause(PAUSE_MS)
    }
  }

  async #ask(tag: string, call: number): Promise<Outcome> {
    if (call % 3 === 0) return await this.#askHttp(tag)
    if (call % 3 === 1) return await nextId(this.#client, tag, PATIENCE_MS)
    const count = 1 + ((call * COUNT_STRIDE) % COUNT_MAX)
    return await nextIds(this.#client, tag, count, PATIENCE_MS)
  }

  async #askHttp(tag: string): Promise<Outcome> {
    const response = await fetch(`http://${this.#httpAddress}/v1/tags/${tag}:nextId`, {
      method: 'POST',
    })
    return z.union([OneId, Problem]).parse(await response.json())
  }
}
