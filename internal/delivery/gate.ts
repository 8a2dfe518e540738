import { shuttingDown } from '../../pkg/errors/failures.ts'

/** Lets calls in until the service shuts down. */
export class Gate {
  #retryAfterMs: number | undefined

  /** From now on `enter` refuses, and tells the caller to try another instance after `retryAfterMs`. */
  close(retryAfterMs: number): void {
    this.#retryAfterMs = retryAfterMs
  }

  /** @throws GolovesError SHUTTING_DOWN once the gate is closed. */
  enter(): void {
    if (this.#retryAfterMs !== undefined) throw shuttingDown(this.#retryAfterMs)
  }
}
