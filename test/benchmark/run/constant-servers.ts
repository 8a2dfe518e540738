import { join } from 'node:path'
import { z } from 'zod'
import { GrpcClient } from '../../support/grpc-client.ts'
import type { Bench } from './bench.ts'

/** The id that both of them answer. */
export const CONSTANT_ID = '1234567890'

const Answer = z.object({ id: z.literal(CONSTANT_ID) })

/** A grpc-js server of our contract whose NextId does nothing. @returns `host:port` */
export async function startConstantGrpc(bench: Bench): Promise<string> {
  const address = await start(bench, 'constant-grpc.ts')
  const client = new GrpcClient(Number(address.split(':').at(-1)))
  try {
    Answer.parse(await client.ask('goloves.v1.IdService/NextId', { tag: 'order-service' }))
  } finally {
    client.close()
  }
  return address
}

/** A Fastify server with one route, which does nothing. @returns `host:port` */
export async function startConstantFastify(bench: Bench): Promise<string> {
  const address = await start(bench, 'constant-fastify.ts')
  const response = await fetch(`http://${address}/nextId`, { method: 'POST' })
  Answer.parse(await response.json())
  return address
}

async function start(bench: Bench, file: string): Promise<string> {
  const program = bench.start(process.execPath, [join(import.meta.dirname, '..', 'servers', file)])
  const [, address = ''] = await program.said(/Listening on (\S+)\n/)
  return address
}
