import { cpus } from 'node:os'
import { ProgressLine } from '../../cmd/idgen/progress-line.ts'

/** One way of doing something. */
export interface Contender {
  readonly name: string
  /** Does a share of it, some milliseconds' worth at most, and tells how much that was. */
  readonly work: () => number | Promise<number>
  /** Looks at what the last share came to, while the watch stands. @throws Error if it is wrong. */
  readonly check: () => void
}

/** So long each contender works in each round. */
const ROUND_MS = 100
/** After one that only warms up. */
const ROUNDS = 11

const RATE = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 })

/**
 * Times the contenders in turn, round after round, so that whatever else the machine does slows down
 * all of them, and prints how much each did in a second: in the middle of its rounds, in the slowest
 * and in the fastest.
 *
 * @param unit What is counted, such as `ids`.
 */
export async function sideBySide(unit: string, contenders: readonly Contender[]): Promise<void> {
  const racers = contenders.map((contender) => ({ contender, rates: [] as number[] }))
  const progress = new ProgressLine()
  for (let round = 0; round <= ROUNDS; round++) {
    progress.show(`round ${round} of ${ROUNDS}`)
    for (const { contender, rates } of racers) {
      const perSecond = await rateOf(contender)
      if (round > 0) rates.push(perSecond)
    }
  }
  progress.clear()
  const { length, 0: cpu } = cpus()
  print(`Node ${process.version}, ${length} × ${cpu?.model}`)
  print(`${ROUNDS} rounds of ${ROUND_MS} ms each, in turn\n`)
  const width = Math.max(...contenders.map(({ name }) => name.length))
  const line = (name: string, cells: readonly string[]) =>
    print(name.padEnd(width) + cells.map((cell) => cell.padStart(9)).join(''))
  line(`${unit} per second`, ['median', 'slowest', 'fastest'])
  for (const { contender, rates } of racers) line(contender.name, spreadOf(rates))
}

/** How much of it gets done in a second. */
async function rateOf({ work, check }: Contender): Promise<number> {
  let done = 0
  let tookMs = 0
  while (tookMs < ROUND_MS) {
    const beganMs = performance.now()
    done += await work()
    tookMs += performance.now() - beganMs
    check()
  }
  return (done / tookMs) * 1000
}

function spreadOf(rates: readonly number[]): string[] {
  const sorted = rates.toSorted((one, other) => one - other)
  const [median, slowest, fastest] = [sorted[(ROUNDS - 1) / 2], sorted[0], sorted.at(-1)]
  return [median, slowest, fastest].map((rate = 0) => RATE.format(rate))
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
