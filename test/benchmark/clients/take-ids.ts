import { join } from 'node:path'
import { z } from 'zod'
import type { Bench } from '../run/bench.ts'
import type { SourceOrder } from './id-source.ts'

const PROGRAM = join(import.meta.dirname, 'client-process.ts')
/** A client is slow until its code is compiled. */
const WARM_UP_MS = 250

const Said = z.object({
  total: z.number(),
  ids: z.number(),
  seconds: z.number(),
  cpuSeconds: z.number().optional(),
})

/** Ids that a client took. */
export interface Taken {
  /** Those of the warm-up too. */
  readonly total: number
  readonly perSecond: number
  /** By a second of a core, of the client and the server together; undefined where it is not known. */
  readonly perCpuSecond: number | undefined
}

/** Lets a process of its own take ids, as fast as its callers can. */
export async function takeIds(
  bench: Bench,
  order: {
    readonly source: SourceOrder
    readonly callers: number
    readonly serverPid: number
    readonly measuredMs: number
  },
): Promise<Taken> {
  const args = [PROGRAM, JSON.stringify({ ...order, warmUpMs: WARM_UP_MS })]
  const { stdout } = await bench.run(process.execPath, args)
  const { total, ids, seconds, cpuSeconds } = Said.parse(JSON.parse(stdout))
  return {
    total,
    perSecond: ids / seconds,
    perCpuSecond: cpuSeconds === undefined ? undefined : ids / cpuSeconds,
  }
}
