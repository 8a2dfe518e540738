import { setImmediate as turn } from 'node:timers/promises'

/** So many ids are taken without a promise before others have their turn. */
const AT_ONCE = 1000

/** Ids being taken, until it is over. */
export class Taking {
  count = 0
  isOver = false

  /** Callers of whom each asks for the next id as soon as it has one. */
  async ask(callers: number, next: () => Promise<bigint | number>): Promise<void> {
    await Promise.all(Array.from({ length: callers }, () => this.#askAgain(next)))
  }

  /** One caller who takes what is there, and comes again in the next turn. */
  async askNow(next: () => bigint | undefined): Promise<void> {
    for (let last = 0n; !this.isOver; await turn()) {
      for (let asked = 0; asked < AT_ONCE; asked++) {
        const id = next()
        if (id === undefined) break
        ensureAbove(id, last)
        last = id
        this.count += 1
      }
    }
  }

  async #askAgain(next: () => Promise<bigint | number>): Promise<void> {
    for (let last: bigint | number = 0; !this.isOver; this.count += 1) {
      const id = await next()
      ensureAbove(id, last)
      last = id
    }
  }
}

/** From one server a caller's ids ascend, so none of them can be there twice. */
function ensureAbove(id: bigint | number, last: bigint | number): void {
  if (id <= last) throw new Error(`After ${last} came ${id}.`)
}
