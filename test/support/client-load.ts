import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises'
import type { IdClient, LeaseIdClient } from '../../pkg/client/id-client.ts'
import { GolovesError } from '../../pkg/errors/goloves-error.ts'

/** So long a caller who was refused waits before it asks again. */
const PAUSE_MS = 20

/** Callers of one client who ask for the next id again and again, until they are stopped. */
export class ClientLoad {
  readonly ids: bigint[] = []
  readonly refusals: string[] = []
  /** How long the slowest question took, in milliseconds. */
  slowestMs = 0
  #isOver = false
  #done: Promise<unknown> = Promise.resolve()

  /** @param callers How many ask at once. */
  ask(client: IdClient, tag: string, callers: number): void {
    this.#begin(callers, () => client.nextId(tag))
  }

  /** As `ask`, by callers who come again in the next turn if there is no id. */
  askNow(client: LeaseIdClient, tag: string, callers: number): void {
    this.#begin(callers, async () => {
      const id = client.nextIdNow(tag)
      if (id === undefined) await turn()
      return id
    })
  }

  /** Waits until `count` more ids were had. */
  async more(count: number): Promise<void> {
    const wanted = this.ids.length + count
    while (this.ids.length < wanted) await pause(PAUSE_MS)
  }

  /** Lets each caller wait for its last answer. @throws what a caller was told that is no GolovesError. */
  async stop(): Promise<void> {
    this.#isOver = true
    await this.#done
  }

  #begin(callers: number, ask: () => Promise<bigint | undefined>): void {
    const running = Array.from({ length: callers }, () => this.#askAgain(ask))
    this.#done = Promise.all([this.#done, ...running])
    // Whoever stops it is told.
    this.#done.catch(() => {})
  }

  async #askAgain(ask: () => Promise<bigint | undefined>): Promise<void> {
    while (!this.#isOver) {
      const beganMs = performance.now()
      try {
        const id = await ask()
        if (id !== undefined) this.ids.push(id)
      } catch (thrown) {
        if (!(thrown instanceof GolovesError)) throw thrown
        this.refusals.push(thrown.code)
        await pause(PAUSE_MS)
      }
      this.slowestMs = Math.max(this.slowestMs, performance.now() - beganMs)
      // Others want to come to their turn, too.
      await turn()
    }
  }
}
