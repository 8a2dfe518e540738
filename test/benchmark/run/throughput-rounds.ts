import type { Throughput } from '../load/load.ts'
import type { Bench } from './bench.ts'

/**
 * Many, and each of them short: what else the machine does changes from second to second, and so
 * falls on all sides alike. Nine longer rounds told two servers that are alike from each other.
 */
const ROUNDS = 31
/** A server is slow until its code is compiled. */
const WARM_UPS = 6

/** How gRPC servers are asked, those that tell the resolution as well as ours. */
export const GRPC_LOAD = { connections: 8, inFlight: 4, seconds: 0.6 }

/** Measures some throughputs in turn. @returns For each side its answers per second in each round. */
export async function throughputRounds(
  bench: Bench,
  sides: readonly (() => Promise<Throughput>)[],
): Promise<number[][]> {
  bench.tell('warming up')
  for (let warmUp = 0; warmUp < WARM_UPS; warmUp++) {
    for (const measure of sides) await measure()
  }
  const rounds = await bench.rounds(sides, ROUNDS)
  return rounds.map((throughputs) => throughputs.map(({ perSecond }) => perSecond))
}
