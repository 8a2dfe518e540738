import { parseArgs } from 'node:util'
import { type Run, simulate } from './simulation.ts'
import { Tally } from './tally.ts'

// node simulate.ts --seeds N [--seconds S]: the seeds from 1 to N, and more for as long as S seconds are
// not over. node simulate.ts --seed N: that one. Fails if a promise is broken under any of them.

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '0' },
  },
})
const begunMs = performance.now()
const only = values.seed === undefined ? undefined : wholeNumber('--seed', values.seed)
const seeds = only === undefined ? wholeNumber('--seeds', values.seeds) : 1
const lastMs = begunMs + wholeNumber('--seconds', values.seconds) * 1000

const faults = new Tally()
const runs: Run[] = []
for (let n = 1; n <= seeds || performance.now() < lastMs; n++) {
  const run = await simulate(only ?? n)
  runs.push(run)
  faults.addAll(run.faults)
  if (run.findings.lines.length > 0) fail(run)
  if (process.stdout.isTTY) process.stdout.write(`\r${n} seeds`)
}
printSums()

function fail({ seed, findings }: Run): void {
  process.exitCode = 1
  for (const line of findings.lines) say(`seed ${seed}: ${line}`)
  say(`Live through it again: make simulate SEED=${seed}`)
}

function printSums(): void {
  const kinds = [...faults.byKind].map(([kind, count]) => `${kind} ${count}`)
  say(`faults: ${kinds.sort().join(', ')}`)
  const ids = runs.map((run) => run.ids)
  const perRun = runs.map((run) => run.faults.sum)
  const seconds = Math.round((performance.now() - begunMs) / 1000)
  say(
    `${runs.length} seeds, ${sum(ids)} ids (at least ${Math.min(...ids)} each), ` +
      `${sum(perRun)} faults (at least ${Math.min(...perRun)} each), ${seconds} s`,
  )
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}

function say(line: string): void {
  process.stdout.write(`${process.stdout.isTTY ? '\r' : ''}${line}\n`)
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${name} takes a whole number, not "${text}".`)
  return Number(text)
}
