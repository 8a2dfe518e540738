import { setTimeout as pause } from 'node:timers/promises'
import type { Experiment } from './experiment.ts'
import { EXPERIMENTS } from './experiments.ts'
import { loadGenerators } from './load/load-generators.ts'
import { percent } from './report/figure.ts'
import { judged, ROW_HEAD } from './report/judged-row.ts'
import { machine } from './report/machine.ts'
import { type Result, writeResult } from './report/results.ts'
import { tableText } from './report/table-text.ts'
import { Bench } from './run/bench.ts'
import { installPrograms } from './run/install-programs.ts'
import { Progress } from './run/progress.ts'
import { measureResolution } from './run/resolution.ts'
import { exitCodeOf } from './statistics.ts'

// node bench.ts [EXPERIMENT ...]: runs these experiments, or all. It ends with 0 if all that has a bar
// clears it, with 1 if something falls short or could not be measured, with 3 if there is no verdict.

const SUITE_LIMIT_S = 15 * 60
const RESOLUTION_LIMIT_S = 100
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

const progress = new Progress()
let bench: Bench | undefined
let endedBy: NodeJS.Signals | undefined

for (const signal of SIGNALS) {
  process.once(signal, () => {
    endedBy ??= signal
    void bench?.close()
  })
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  // What was under way fails when it is ended.
  if (endedBy === undefined) complain(error)
  process.exitCode = 1
}
// The handler is gone by now, so this ends the program as the signal would have.
if (endedBy !== undefined) process.kill(process.pid, endedBy)

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.find((name) => !EXPERIMENTS.some((known) => known.name === name))
  if (unknown !== undefined) {
    throw new Error(
      `There is no ${unknown}, but ${EXPERIMENTS.map(({ name }) => name).join(', ')}.`,
    )
  }
  await installPrograms()
  const resolution = await within(RESOLUTION_LIMIT_S, 'resolution', measureResolution)
  const circumstances = `${machine()}; load by ${loadGenerators()}; resolution ${percent(resolution)}`
  print(`${circumstances}\n`)

  const chosen = EXPERIMENTS.filter(({ name }) => names.length === 0 || names.includes(name))
  const results: Result[] = []
  let hasFailed = false
  for (const experiment of chosen) {
    const result = await resultOf(experiment, resolution)
    if (endedBy !== undefined) return 1
    if (result === undefined) {
      hasFailed = true
      continue
    }
    results.push(result)
    writeResult(result, `${today()}, ${circumstances}.`, EXPERIMENTS)
  }
  progress.end()
  print(summary(results))
  const verdicts = results.flatMap(({ rows }) => rows.flatMap(({ verdict }) => verdict ?? []))
  return hasFailed ? 1 : exitCodeOf(verdicts)
}

/** Undefined if the experiment failed, which has been said then. */
async function resultOf(experiment: Experiment, resolution: number): Promise<Result | undefined> {
  try {
    const finding = await within(experiment.limitS, experiment.name, experiment.run)
    return { experiment, finding, rows: finding.rows.map((row) => judged(row, resolution)) }
  } catch (error) {
    if (endedBy === undefined) complain(error, experiment.name)
    return undefined
  }
}

/**
 * Lets somebody work on a bench of their own, which is cleared when they are done or out of time:
 * theirs, or that of the whole suite.
 */
async function within<Done>(
  limitS: number,
  name: string,
  work: (bench: Bench) => Promise<Done>,
): Promise<Done> {
  progress.begin(name)
  const own = new Bench(progress)
  bench = own
  const isOver = new AbortController()
  const leftS = Math.max(0, Math.floor(SUITE_LIMIT_S - performance.now() / 1000))
  const seconds = Math.min(limitS, leftS)
  const limit = pause(seconds * 1000, undefined, { signal: isOver.signal }).then(() => {
    throw new Error(`It took more than the ${seconds} s that it had.`)
  })
  try {
    return await Promise.race([work(own), limit])
  } finally {
    isOver.abort()
    await own.close()
  }
}

function summary(results: readonly Result[]): string {
  const lines = results.flatMap(({ experiment, rows }) =>
    rows.map(({ cells }) => [experiment.name, ...cells]),
  )
  return tableText(['experiment', ...ROW_HEAD], lines)
}

function today(): string {
  return new Date().toISOString().slice(0, 10)
}

function complain(error: unknown, name?: string): void {
  progress.end()
  const text = error instanceof Error ? error.message : error
  process.stderr.write(`${name === undefined ? '' : `${name}: `}${text}\n`)
}

function print(text: string): void {
  progress.end()
  process.stdout.write(`${text}\n`)
}
