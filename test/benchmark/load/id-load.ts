import { join } from 'node:path'
import type { Bench } from '../run/bench.ts'
import type { Latency } from './load.ts'
import { openLoopLatency } from './open-loop-latency.ts'

const PROGRAM = join(import.meta.dirname, 'id-load-process.ts')

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

/** How long a question for one id waits. */
export function idLatency(bench: Bench, load: IdLoad): Promise<Latency> {
  return openLoopLatency(bench, PROGRAM, load.perSecond, (log) => ({ ...load, log }))
}
