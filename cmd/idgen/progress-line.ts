/** What a line is written to: `process.stderr`, or whatever stands in for it. */
export interface Terminal {
  /** Whether somebody watches, rather than a file. */
  readonly isTTY?: boolean
  write(text: string): unknown
}

const CLEAR = '\x1b[K'

/** One line on a terminal that tells how far something is. In a log there is nothing of it. */
export class ProgressLine {
  readonly #terminal: Terminal

  constructor(terminal: Terminal = process.stderr) {
    this.#terminal = terminal
  }

  /** Shows it in the place of what was shown before. Whoever writes next begins where it began. */
  show(progress: string): void {
    if (this.#terminal.isTTY) this.#terminal.write(`${CLEAR}${progress}\r`)
  }

  /** Takes the line away; what was written meanwhile stays. */
  clear(): void {
    this.show('')
  }
}
