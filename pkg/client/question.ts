import { deadlineExceeded } from '../errors/failures.ts'
import type { GolovesError } from '../errors/goloves-error.ts'

/** What is being asked for: until when, and what was said to it last. */
export class Question {
  /** On the monotonic clock. */
  readonly deadlineMs: number
  /** Why the last attempt failed that was answered, or refused a connection; undefined before. */
  failure: GolovesError | undefined

  constructor(deadlineMs: number) {
    this.deadlineMs = deadlineMs
  }

  /** What whoever waits for the answer is told at the deadline. */
  get lateError(): GolovesError {
    return this.failure ?? deadlineExceeded()
  }
}
