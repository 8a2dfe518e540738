import { parseArgs } from 'node:util'
import { ProgressLine } from '../../cmd/idgen/progress-line.ts'
import { KINDS, type Kind, type Run, simulate } from './simulation.ts'
import { Tally } from './tally.ts'

// node simulate.ts --seeds N [--seconds S]: the seeds from 1 to N in each kind of world, and more for as
// long as S seconds are not over. node simulate.ts --seed N [--kind KIND]: that one. Fails if a promise is
// broken under any of them.

const { values } = parseArgs({
  options: {
    kind: { type: 'string', default: KINDS.join() },
    seed: { type: 'string' },
    seeds: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '0' },
  },
})
const begunMs = performance.now()
const kinds = KINDS.filter((kind) => values.kind.split(',').includes(kind))
const only = values.seed === undefined ? undefined : wholeNumber('--seed', values.seed)
const seeds = only === undefined ? wholeNumber('--seeds', values.seeds) : 1
const lastMs = begunMs + wholeNumber('--seconds', values.seconds) * 1000

const progress = new ProgressLine()
const runs: Run[] = []
for (let n = 1; n <= seeds || performance.now() < lastMs; n++) {
  for (const kind of kinds) {
    const run = await simulate(kind, only ?? n)
    runs.push(run)
    if (run.findings.lines.length > 0) fail(run)
  }
  progress.show(`${n} of ${Math.max(n, seeds)} seeds, ${secondsSinceBegin()} s`)
}
progress.clear()
for (const kind of kinds) printSums(kind)
say(`${secondsSinceBegin()} s`)

function fail({ kind, seed, findings }: Run): void {
  process.exitCode = 1
  progress.clear()
  const lines = findings.lines.map((line) => `${kind} seed ${seed}: ${line}\n`)
  process.stderr.write(`${lines.join('')}Live through it again: make simulate SEED=${seed}\n`)
}

function printSums(kind: Kind): void {
  const mine = runs.filter((run) => run.kind === kind)
  const faults = new Tally()
  for (const run of mine) faults.addAll(run.faults)
  const kindsOfFault = [...faults.byKind].map(([name, count]) => `${name} ${count}`)
  const ids = mine.map((run) => run.ids)
  const perRun = mine.map((run) => run.faults.sum)
  say(
    `${kind}: ${mine.length} seeds, ${sum(ids)} ids (at least ${Math.min(...ids)} each), ` +
      `${sum(perRun)} faults (at least ${Math.min(...perRun)} each)`,
  )
  say(`faults: ${kindsOfFault.sort().join(', ')}`)
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function secondsSinceBegin(): number {
  return Math.round((performance.now() - begunMs) / 1000)
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${name} takes a whole number, not "${text}".`)
  return Number(text)
}
