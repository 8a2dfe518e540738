import { join } from 'node:path'
import { createHistogram } from 'node:perf_hooks'
import { z } from 'zod'
import type { Bench } from '../run/bench.ts'
import type { Latency } from './load.ts'
import { readLog } from './log-file.ts'

const PROGRAM = join(import.meta.dirname, 'id-load-process.ts')

const Said = z.object({ isWhole: z.boolean() })

/** What is asked at a fixed rate by a client of gRPC that reads its answers. */
export interface IdLoad {
  /** `stream`: StreamIds, one id a question; `merge`: `nextId` of the merging client. */
  readonly way: 'stream' | 'merge'
  /** `host:port` */
  readonly grpc: string
  readonly tag: string
  readonly perSecond: number
  readonly seconds: number
}

/**
 * How long a question for one id waits from its time to its answer, whenever it is really sent.
 * It ends early, and is not carried, once 20,000 questions wait.
 */
export async function idLatency(bench: Bench, load: IdLoad): Promise<Latency> {
  const log = join(bench.newFolder(), 'answers.log')
  const { stdout } = await bench.run(process.execPath, [PROGRAM, JSON.stringify({ ...load, log })])
  const { isWhole } = Said.parse(JSON.parse(stdout))
  if (!isWhole) return { latencies: createHistogram(), isCarried: false }
  return readLog(log, load.perSecond)
}
