import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PACKAGE_ROOT } from '../../../cmd/idgen/package-root.ts'
import { ChildProgram, type Ended } from '../../support/child-program.ts'
import { ROUNDS_MIN } from '../statistics.ts'
import type { Progress } from './progress.ts'

/** What an experiment works with. All that it starts and writes is gone when it is over. */
export class Bench {
  readonly #progress: Progress
  readonly #folder = mkdtempSync(join(tmpdir(), 'goloves-bench-'))
  readonly #programs = new Set<ChildProgram>()
  #folders = 0
  #isOver = false

  constructor(progress: Progress) {
    this.#progress = progress
  }

  /** An empty folder. */
  newFolder(): string {
    this.#folders += 1
    return mkdtempSync(join(this.#folder, `${this.#folders}-`))
  }

  /** Starts a program. @param folder Its working directory; the project's unless given. */
  start(command: string, args: readonly string[], folder = PACKAGE_ROOT): ChildProgram {
    if (this.#isOver) throw new Error('The experiment is over.')
    const program = new ChildProgram(command, args, folder)
    this.#programs.add(program)
    const forget = () => this.#programs.delete(program)
    program.ended.then(forget, forget)
    return program
  }

  /** Runs a program to its end. @throws Error with what it said if that is not 0. */
  async run(command: string, args: readonly string[]): Promise<Ended> {
    const ended = await this.start(command, args).ended
    if (ended.code !== 0) throw new Error(`${command} failed:\n${ended.stdout}${ended.stderr}`)
    return ended
  }

  /**
   * Measures all sides in turn, round after round, so that whatever else the machine does falls on
   * each of them; every other round the other way round, so that none is always the first.
   *
   * @returns For each side what it came to in each round.
   */
  async rounds<Value>(
    sides: readonly (() => Promise<Value>)[],
    count = ROUNDS_MIN,
  ): Promise<Value[][]> {
    const measured = sides.map((measure) => ({ measure, values: [] as Value[] }))
    for (let round = 0; round < count; round++) {
      this.tell(`round ${round + 1} of ${count}`)
      for (const { measure, values } of round % 2 === 0 ? measured : measured.toReversed()) {
        values.push(await measure())
      }
    }
    return measured.map(({ values }) => values)
  }

  /** Shows how far it is, to whoever watches. */
  tell(text: string): void {
    this.#progress.tell(text)
  }

  /** Ends all that still runs, and removes what was written. What is under way fails. */
  async close(): Promise<void> {
    this.#isOver = true
    await Promise.allSettled([...this.#programs].map((program) => program.end('SIGKILL')))
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
