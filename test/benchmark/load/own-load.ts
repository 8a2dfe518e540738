import { join } from 'node:path'
import { z } from 'zod'
import type { Bench } from '../run/bench.ts'
import type { ClosedLoop, Latency, OpenLoop, Throughput } from './load.ts'
import { readLog } from './log-file.ts'
import type { Question } from './question.ts'

const PROGRAM = join(import.meta.dirname, 'own-load-process.ts')

const Said = z.object({ answers: z.number(), seconds: z.number() })

/** As h2load and wrk, where these are not installed: slower, so that it may be what is measured. */
export async function ownThroughput(
  bench: Bench,
  question: Question,
  load: ClosedLoop,
): Promise<Throughput> {
  const { answers, seconds } = await ask(bench, question, load)
  return { answers, perSecond: answers / seconds }
}

export async function ownLatency(
  bench: Bench,
  question: Question,
  load: OpenLoop,
): Promise<Latency> {
  const log = join(bench.newFolder(), 'answers.log')
  await ask(bench, question, { ...load, log })
  return readLog(log, load.perSecond)
}

async function ask(bench: Bench, { body, ...question }: Question, load: object) {
  const order = JSON.stringify({ question: { ...question, body: body.toString('base64') }, load })
  const { stdout } = await bench.run(process.execPath, [PROGRAM, order])
  return Said.parse(JSON.parse(stdout))
}
