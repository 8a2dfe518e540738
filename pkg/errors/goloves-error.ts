import type { ErrorCode } from './error-code.ts'

export interface GolovesErrorOptions {
  /** Facts for a program to read, such as the tag; never anything internal. */
  readonly metadata?: Readonly<Record<string, string>>
  /** How long to wait before a retry can succeed, in milliseconds, where that is known. */
  readonly retryAfterMs?: number
  /** What really happened. For the log; it never reaches a caller. */
  readonly cause?: unknown
}

/** A failure that a caller may see: a code from the closed list, and a sentence for a person. */
export class GolovesError extends Error {
  override readonly name = 'GolovesError'
  readonly code: ErrorCode
  readonly metadata: Readonly<Record<string, string>>
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorCode, message: string, options: GolovesErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.metadata = options.metadata ?? {}
    this.retryAfterMs = options.retryAfterMs
  }

  /** Any thrown value as a failure a caller may see. What nobody named becomes INTERNAL. */
  static from(thrown: unknown): GolovesError {
    if (thrown instanceof GolovesError) return thrown
    return new GolovesError('INTERNAL', 'Something went wrong inside the service.', {
      cause: thrown,
    })
  }
}
