import type { Clock } from '../clock/clock.ts'

export interface BatcherOptions<Key, Value> {
  /** Answers many questions together; one that is not in the result is answered with undefined. */
  readonly askAll: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>
  /** So many batches are under way at most. */
  readonly batchesMax: number
  /** So many questions are in one at most. */
  readonly sizeMax: number
  readonly clock: Clock
}

interface Question<Key, Value> {
  readonly key: Key
  readonly resolve: (value: Value | undefined) => void
  readonly reject: (fault: unknown) => void
}

/**
 * Asks single questions in batches: those of one turn of the event loop go together, and so do those
 * that wait because `batchesMax` are under way, first come first served.
 *
 * 1. A batch begins after each of its questions was asked: no answer is older than its question.
 * 2. A batch that fails fails its own questions and no others.
 */
export class Batcher<Key, Value> {
  readonly #options: BatcherOptions<Key, Value>
  readonly #waiting: Question<Key, Value>[] = []
  #underWay = 0
  #isDue = false

  constructor(options: BatcherOptions<Key, Value>) {
    this.#options = options
  }

  /** Rejects as `askAll` does. */
  ask(key: Key): Promise<Value | undefined> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ key, resolve, reject })
      this.#begin()
    })
  }

  #begin(): void {
    const hasRoom = this.#underWay < this.#options.batchesMax
    if (this.#isDue || !hasRoom || this.#waiting.length === 0) return
    this.#isDue = true
    void this.#askSome()
  }

  async #askSome(): Promise<void> {
    await this.#options.clock.nextTurn()
    this.#isDue = false
    this.#underWay += 1
    const batch = this.#waiting.splice(0, this.#options.sizeMax)
    this.#begin()
    try {
      const answers = await this.#options.askAll(batch.map(({ key }) => key))
      for (const { key, resolve } of batch) resolve(answers.get(key))
    } catch (fault) {
      for (const { reject } of batch) reject(fault)
    }
    this.#underWay -= 1
    this.#begin()
  }
}
