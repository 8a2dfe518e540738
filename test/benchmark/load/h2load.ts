import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench } from '../run/bench.ts'
import type { ClosedLoop, Latency, OpenLoop, Throughput } from './load.ts'
import { readLog } from './log-file.ts'
import type { Question } from './question.ts'

/** Enough that a server may stand still for some 200 ms before a question is held back. */
const OPEN_STREAMS = 2000
const CONNECTION_STREAMS_MAX = 1000

/** Asks by h2load, as often as it is answered. */
export async function h2loadThroughput(
  bench: Bench,
  program: string,
  question: Question,
  { connections, inFlight, seconds }: ClosedLoop,
): Promise<Throughput> {
  const load = ['-D', String(seconds), '-c', String(connections), '-m', String(inFlight)]
  const { stdout } = await bench.run(program, [...load, ...asked(bench, question)])
  refuseFailures(stdout)
  const [, perSecond] = found(/finished in .*, ([\d.]+) req\/s/, stdout)
  const [, answers] = found(/requests: .* (\d+) succeeded/, stdout)
  return { answers: Number(answers), perSecond: Number(perSecond) }
}

/** Asks by h2load at a fixed rate. */
export async function h2loadLatency(
  bench: Bench,
  program: string,
  question: Question,
  { connections, perSecond, seconds }: OpenLoop,
): Promise<Latency> {
  const log = join(bench.newFolder(), 'answers.log')
  const inFlight = Math.min(CONNECTION_STREAMS_MAX, Math.ceil(OPEN_STREAMS / connections))
  // A number of questions rather than a duration: at the end of that, h2load forgets who still waits.
  const load = [
    ...['-n', String(Math.round(perSecond * seconds)), '--rps', String(perSecond / connections)],
    ...['-c', String(connections), '-m', String(inFlight), '--log-file', log],
  ]
  const { stdout } = await bench.run(program, [...load, ...asked(bench, question)])
  refuseFailures(stdout)
  return readLog(log, perSecond)
}

function asked(bench: Bench, { protocol, url, headers, body }: Question): string[] {
  const fields = Object.entries({ ':method': 'POST', ...headers })
  const args = fields.flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  if (protocol === 'http/1.1') args.push('--h1')
  if (body.length > 0) {
    const file = join(bench.newFolder(), 'body')
    writeFileSync(file, body)
    args.push('-d', file)
  }
  return [...args, url]
}

function refuseFailures(stdout: string): void {
  const [, ...failures] = found(
    /(\d+) failed, (\d+) errored, (\d+) timeout\nstatus codes: \d+ 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx/,
    stdout,
  )
  if (failures.some((count) => count !== '0')) throw new Error(`Some answers failed:\n${stdout}`)
}

function found(pattern: RegExp, stdout: string): RegExpExecArray {
  const match = pattern.exec(stdout)
  if (match === null) throw new Error(`h2load did not say ${pattern}:\n${stdout}`)
  return match
}
