import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench } from '../run/bench.ts'
import type { ClosedLoop, Throughput } from './load.ts'
import type { Question } from './question.ts'

/** Asks by h2load, as often as it is answered. */
export async function h2loadThroughput(
  bench: Bench,
  program: string,
  question: Question,
  { connections, inFlight, seconds }: ClosedLoop,
): Promise<Throughput> {
  const load = ['-D', `${seconds * 1000}ms`, '-c', String(connections), '-m', String(inFlight)]
  const { stdout } = await bench.run(program, [...load, ...asked(bench, question)])
  refuseFailures(stdout)
  const [, perSecond] = found(/finished in .*, ([\d.]+) req\/s/, stdout)
  const [, answers] = found(/requests: .* (\d+) succeeded/, stdout)
  return { answers: Number(answers), perSecond: Number(perSecond) }
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
