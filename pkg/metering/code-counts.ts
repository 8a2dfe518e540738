import { ERROR_CODES, type ErrorCode } from '../errors/error-code.ts'

/** Counts failures by their code. */
export class CodeCounts {
  readonly #counts = new Map<ErrorCode, number>(ERROR_CODES.map((code) => [code, 0]))

  count(code: ErrorCode): void {
    this.#counts.set(code, this.of(code) + 1)
  }

  of(code: ErrorCode): number {
    return this.#counts.get(code) ?? 0
  }
}
