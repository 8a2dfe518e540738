/** One line that says how far it is, where somebody watches. */
export class Progress {
  readonly #beganMs = performance.now()
  #about = ''

  /** What is told from now on is about this. */
  begin(about: string): void {
    this.#about = about
    this.tell('starting')
  }

  tell(text: string): void {
    const tookS = Math.round((performance.now() - this.#beganMs) / 1000)
    show(`${tookS} s  ${this.#about}: ${text}`)
  }

  /** Takes the line away. */
  end(): void {
    show('')
  }
}

function show(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`)
}
