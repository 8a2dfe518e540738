import { shuttingDown, storeUnavailable } from '../../pkg/errors/failures.ts'
import type { GolovesError } from '../../pkg/errors/goloves-error.ts'

/** Lets calls in, except before the store was looked at and from the shutdown on. */
export class Gate {
  #refusal: (() => GolovesError) | undefined

  /**
   * Until `open`, `enter` refuses: nobody knows yet whether the store keeps what it commits. Callers
   * are told to try again after `retryAfterMs`.
   */
  hold(retryAfterMs: number): void {
    this.#refusal = () => storeUnavailable(retryAfterMs)
  }

  open(): void {
    this.#refusal = undefined
  }

  /** From now on `enter` refuses; callers are told to try another instance after `retryAfterMs`. */
  close(retryAfterMs: number): void {
    this.#refusal = () => shuttingDown(retryAfterMs)
  }

  /** @throws GolovesError STORE_UNAVAILABLE while it is held, SHUTTING_DOWN once it is closed. */
  enter(): void {
    if (this.#refusal !== undefined) throw this.#refusal()
  }
}
