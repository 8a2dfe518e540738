import { createReadStream } from 'node:fs'
import { createHistogram } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import type { Latency } from './load.ts'

const FIGURES = 3
/** So much longer than planned the sending may take. */
const LATE_MAX = 1.02

/**
 * Reads a log of an open loop: a line for each answer with the microsecond at which it was asked for
 * and how many microseconds it took, with a tab between.
 *
 * @param perSecond The rate that was wanted.
 */
export async function readLog(path: string, perSecond: number): Promise<Latency> {
  const latencies = createHistogram({ figures: FIGURES })
  let [firstUs, lastUs] = [Number.POSITIVE_INFINITY, 0]
  for await (const line of createInterface(createReadStream(path))) {
    const [askedUs = 0, tookUs = 0] = line.split('\t').map(Number)
    firstUs = Math.min(firstUs, askedUs)
    lastUs = Math.max(lastUs, askedUs)
    latencies.record(Math.max(1, tookUs))
  }
  const plannedUs = (latencies.count / perSecond) * 1e6
  return { latencies, isCarried: lastUs - firstUs <= plannedUs * LATE_MAX }
}
