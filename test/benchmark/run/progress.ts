import { ProgressLine } from '../../../cmd/idgen/progress-line.ts'

/** How far the suite is, for how long it has run, where somebody watches. */
export class Progress {
  readonly #line = new ProgressLine()
  readonly #beganMs = performance.now()
  #about = ''

  /** What is told from now on is about this. */
  begin(about: string): void {
    this.#about = about
    this.tell('starting')
  }

  tell(text: string): void {
    const tookS = Math.round((performance.now() - this.#beganMs) / 1000)
    this.#line.show(`${tookS} s  ${this.#about}: ${text}`)
  }

  /** Takes the line away. */
  end(): void {
    this.#line.clear()
  }
}
