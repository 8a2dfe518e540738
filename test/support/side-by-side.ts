import { cpus } from 'node:os'

/** One way of doing something, to be compared with others. */
export interface Contender {
  readonly name: string
  /** Does a share of it, ten milliseconds' worth at most, and tells how much that was. */
  readonly work: () => number | Promise<number>
  /** Looks at what the last share came to, while the watch stands. @throws Error if it is wrong. */
  readonly check: () => void
}

/** So much each contender works in each round; the first round only warms up. */
const ROUND_MS = 100
const ROUNDS = 11
const MILLION = 1e6

/**
 * Times the contenders in turn, round after round, so that a machine that slows down slows down all
 * of them, and prints how fast each was: the middle round, the slowest and the fastest.
 *
 * @param unit What is counted, such as `ids`.
 */
export async function sideBySide(unit: string, contenders: readonly Contender[]): Promise<void> {
  const rates = contenders.map((): number[] => [])
  for (let round = 0; round <= ROUNDS; round++) {
    tellProgress(round)
    for (const [index, contender] of contenders.entries()) {
      const perSecond = await rateOf(contender)
      if (round > 0) rates[index]?.push(perSecond)
    }
  }
  print(unit, contenders, rates)
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

function tellProgress(round: number): void {
  if (!process.stderr.isTTY) return
  process.stderr.write(round < ROUNDS ? `\rround ${round} of ${ROUNDS}` : '\r\x1b[K')
}

function print(unit: string, contenders: readonly Contender[], rates: readonly number[][]): void {
  const { length, 0: cpu } = cpus()
  const width = Math.max(...contenders.map(({ name }) => name.length))
  const row = (name: string, cells: readonly string[]) =>
    `${name.padEnd(width)}${cells.map((cell) => cell.padStart(9)).join('')}\n`
  process.stdout.write(`Node ${process.version}, ${length} × ${cpu?.model ?? 'unknown CPU'}\n`)
  process.stdout.write(`${ROUNDS} rounds of ${ROUND_MS} ms each, in turn; million ${unit}/s\n\n`)
  process.stdout.write(row('', ['median', 'slowest', 'fastest']))
  for (const [index, { name }] of contenders.entries()) {
    const sorted = (rates[index] ?? []).toSorted((one, other) => one - other)
    const shown = [sorted[Math.floor(sorted.length / 2)], sorted[0], sorted.at(-1)]
    const cells = shown.map((rate = 0) => (rate / MILLION).toPrecision(3))
    process.stdout.write(row(name, cells))
  }
}
