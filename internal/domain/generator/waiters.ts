import type { Clock } from '../../../pkg/clock/clock.ts'
import { deadlineExceeded, overloaded, storeUnavailable } from '../../../pkg/errors/failures.ts'
import type { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import type { Caller } from './caller.ts'

/** How many callers may wait at one place, and for how many ids together. */
export interface WaitingLimits {
  readonly callersMax: number
  readonly idsMax: number
}

interface Waiter<T> {
  readonly count: number
  readonly resolve: (value: T) => void
  readonly reject: (error: GolovesError) => void
  callOff: () => void
}

const RETRY_AFTER_MS = 1000
const STORE_RETRY_AFTER_MS = 500

/** What a caller is told at its deadline: the store's last word, or that there is none yet. */
export function lateError(lastError: GolovesError | undefined): GolovesError {
  if (lastError === undefined) return deadlineExceeded()
  return storeUnavailable(STORE_RETRY_AFTER_MS, lastError)
}

/**
 * Callers that wait, in the order in which they came.
 *
 * 1. Each is settled exactly once: served, refused, or dismissed at its own deadline or departure.
 * 2. A caller that waits holds nothing; one that is dismissed takes nothing.
 */
export class Waiters<T> {
  /** Only while somebody waits: of many tags, hardly any has a queue. */
  #queue: Set<Waiter<T>> | undefined
  readonly #clock: Clock
  readonly #limits: WaitingLimits
  readonly #lateError: () => GolovesError
  #ids = 0

  /** @param lateError What a caller is told at its deadline. */
  constructor(clock: Clock, limits: WaitingLimits, lateError: () => GolovesError) {
    this.#clock = clock
    this.#limits = limits
    this.#lateError = lateError
  }

  get callers(): number {
    return this.#queue?.size ?? 0
  }

  /** How many ids are waited for. */
  get ids(): number {
    return this.#ids
  }

  /**
   * Waits for `count` ids, at most until the caller's deadline.
   *
   * @throws GolovesError OVERLOADED at once if too many wait already.
   */
  add(count: number, caller: Caller): Promise<T> {
    if (this.callers >= this.#limits.callersMax || this.#ids + count > this.#limits.idsMax) {
      throw overloaded('callers wait for ids of this tag', RETRY_AFTER_MS)
    }
    return new Promise((resolve, reject) => {
      const waiter: Waiter<T> = { count, resolve, reject, callOff: () => {} }
      const dismiss = () => {
        if (this.#remove(waiter)) reject(this.#lateError())
      }
      const patienceMs = Math.max(0, caller.deadlineMs - this.#clock.monotonicMs())
      waiter.callOff = this.#clock.after(patienceMs, dismiss)
      this.#queue ??= new Set()
      this.#queue.add(waiter)
      this.#ids += count
      caller.onLeave(dismiss)
    })
  }

  /**
   * Offers each waiter, first come first served, what `offer` has for its count. One for whom there
   * is nothing keeps its place and does not hold up those behind it. Stops once `isDry`.
   */
  serve(offer: (count: number) => T | undefined, isDry: () => boolean): void {
    for (const waiter of this.#queue ?? []) {
      if (isDry()) return
      const value = offer(waiter.count)
      if (value !== undefined && this.#remove(waiter)) waiter.resolve(value)
    }
  }

  refuseAll(error: GolovesError): void {
    for (const waiter of this.#queue ?? []) {
      if (this.#remove(waiter)) waiter.reject(error)
    }
  }

  #remove(waiter: Waiter<T>): boolean {
    if (this.#queue?.delete(waiter) !== true) return false
    if (this.#queue.size === 0) this.#queue = undefined
    this.#ids -= waiter.count
    waiter.callOff()
    return true
  }
}
