import { join } from 'node:path'
import { z } from 'zod'
import type { Bench } from '../run/bench.ts'
import type { ClosedLoop, Latency, OpenLoop, Throughput } from './load.ts'
import { openLoopLatency } from './open-loop-latency.ts'
import type { Question } from './question.ts'

const PROGRAM = join(import.meta.dirname, 'own-load-process.ts')

const Said = z.object({ answers: z.number(), seconds: z.number() })

/** As h2load and wrk, where these are not installed: slower, so that it may be what is measured. */
export async function ownThroughput(
  bench: Bench,
  question: Question,
  load: ClosedLoop,
): Promise<Throughput> {
  const order = JSON.stringify(orderOf(question, load))
  const { stdout } = await bench.run(process.execPath, [PROGRAM, order])
  const { answers, seconds } = Said.parse(JSON.parse(stdout))
  return { answers, perSecond: answers / seconds }
}

/**
 * At a fixed rate it is exact to some microseconds, for which it takes a whole core: h2load sends all
 * that is due in 10 ms at once, so that one question would wait for the others.
 */
export function latency(bench: Bench, question: Question, load: OpenLoop): Promise<Latency> {
  return openLoopLatency(bench, PROGRAM, load.perSecond, (log) =>
    orderOf(question, { ...load, log }),
  )
}

function orderOf({ body, ...question }: Question, load: object): object {
  return { question: { ...question, body: body.toString('base64') }, load }
}
