/**
 * Who waits for an id. Only asked when there is none in memory, so that a quick answer costs none
 * of this.
 */
export interface Caller {
  /** When this caller wants an answer at the latest, in milliseconds on `Clock.monotonicMs`. */
  readonly deadlineMs: number
  /**
   * Registers what to do if the caller goes away before it is answered. Called at most once per
   * wait.
   */
  onLeave(left: () => void): void
}
