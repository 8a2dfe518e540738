import type { Caller } from '../../internal/domain/generator/caller.ts'
import type { Clock } from '../../pkg/clock/clock.ts'
import { GolovesError } from '../../pkg/errors/goloves-error.ts'

/** A caller that waits for `patienceMs` from now, and can leave before. */
export class TestCaller implements Caller {
  readonly deadlineMs: number
  leave = (): void => {}

  constructor(clock: Clock, patienceMs = 5_000) {
    this.deadlineMs = clock.monotonicMs() + patienceMs
  }

  onLeave(left: () => void): void {
    this.leave = left
  }
}

/** What became of a call: its answer, the code of its failure, or 'waits' for as long as there is neither. */
export class Answer<T> {
  #is: T | string = 'waits'

  constructor(call: () => T | Promise<T>) {
    void this.#settle(call)
  }

  get is(): T | string {
    return this.#is
  }

  async #settle(call: () => T | Promise<T>): Promise<void> {
    try {
      this.#is = await call()
    } catch (thrown) {
      this.#is = GolovesError.from(thrown).code
    }
  }
}
