/** All that the service ever asks of time. Passed in, so that tests decide what time it is. */
export abstract class Clock {
  /** Milliseconds since 1970 by the wall clock. May step back: NTP, a resumed machine. */
  abstract nowMs(): number

  /** Milliseconds on a clock that never steps back. Only differences mean anything. */
  abstract monotonicMs(): number

  /** Calls `wake` once, `ms` milliseconds from now. The function it returns calls that off. */
  abstract after(ms: number, wake: () => void): () => void

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve)
    })
  }

  /** Resolves once all that is ready to happen now has happened. */
  nextTurn(): Promise<void> {
    return this.sleep(0)
  }
}
