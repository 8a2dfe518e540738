import { join } from 'node:path'
import { createHistogram } from 'node:perf_hooks'
import { z } from 'zod'
import type { Bench } from '../run/bench.ts'
import type { Latency } from './load.ts'
import { readLog } from './log-file.ts'

const Said = z.object({ isWhole: z.boolean() })

/**
 * How long questions wait from their time to their answer, whenever they are really sent. It ends
 * early, and is not carried, once 20,000 of them wait.
 *
 * @param program One that asks by an `OpenLoopRun`.
 * @param orderOf What it is to ask, and to write into this log.
 */
export async function openLoopLatency(
  bench: Bench,
  program: string,
  perSecond: number,
  orderOf: (log: string) => object,
): Promise<Latency> {
  const log = join(bench.newFolder(), 'answers.log')
  const { stdout } = await bench.run(process.execPath, [program, JSON.stringify(orderOf(log))])
  const { isWhole } = Said.parse(JSON.parse(stdout))
  if (!isWhole) return { latencies: createHistogram(), isCarried: false }
  return readLog(log, perSecond)
}
