import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench } from '../run/bench.ts'
import type { ClosedLoop, Throughput } from './load.ts'
import type { Question } from './question.ts'

const SCRIPT = 'wrk.method = "POST"\n'

/** Asks by wrk, as often as it is answered: a question without a body, one at a time on each connection. */
export async function wrkThroughput(
  bench: Bench,
  program: string,
  { url }: Question,
  { connections, seconds }: ClosedLoop,
): Promise<Throughput> {
  const script = join(bench.newFolder(), 'post.lua')
  writeFileSync(script, SCRIPT)
  const load = ['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '-s', script]
  const { stdout } = await bench.run(program, [...load, url])
  // wrk names failures only where there are some.
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`Some answers failed:\n${stdout}`)
  const [, answers] = /(\d+) requests in/.exec(stdout) ?? []
  const [, perSecond] = /Requests\/sec: +([\d.]+)/.exec(stdout) ?? []
  if (answers === undefined || perSecond === undefined) throw new Error(`wrk said:\n${stdout}`)
  return { answers: Number(answers), perSecond: Number(perSecond) }
}
