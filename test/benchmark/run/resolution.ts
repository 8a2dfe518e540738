import { throughput } from '../load/load-generators.ts'
import { grpcQuestion } from '../load/question.ts'
import { ratiosOf, resolutionOf } from '../statistics.ts'
import type { Bench } from './bench.ts'
import { startConstantGrpc } from './constant-servers.ts'
import { GRPC_LOAD, throughputRounds } from './throughput-rounds.ts'

/** How far from 1 a ratio may be here although nothing differs: two servers that are alike, in turn. */
export async function measureResolution(bench: Bench): Promise<number> {
  const addresses = [await startConstantGrpc(bench), await startConstantGrpc(bench)]
  const sides = addresses.map((address) => {
    const question = grpcQuestion(address, 'goloves.v1.IdService/NextId', { tag: 'order-service' })
    return () => throughput(bench, question, GRPC_LOAD)
  })
  const [one = [], other = []] = await throughputRounds(bench, sides)
  return resolutionOf(ratiosOf(one, other))
}
