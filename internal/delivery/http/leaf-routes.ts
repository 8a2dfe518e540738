import { z } from 'zod'
import { SNOWFLAKE_TAG } from '../../domain/entity/tag.ts'
import type { DecodedId } from '../../usecase/idgen/decode-id.ts'
import type { UseCases } from '../use-cases.ts'
import type { HttpCall } from './http-call.ts'
import { checked } from './json-body.ts'
import { json, plainText, type Reply } from './reply.ts'
import type { Route } from './route.ts'

// Leaf ignores whatever else stands in a query.
const DecodeQuery = z.object({ snowflakeId: z.string() })

/** Leaf's own paths, by GET and in Leaf's forms; failures alone are ours. */
export function leafRoutes({ nextId, decodeId }: Pick<UseCases, 'nextId' | 'decodeId'>): Route[] {
  return [
    { method: 'GET', path: '/api/segment/get/{tag}', handle: (call) => oneId(call.tag, call) },
    {
      method: 'GET',
      path: '/api/snowflake/get/{key}',
      handle: (call) => oneId(SNOWFLAKE_TAG, call),
    },
    { method: 'GET', path: '/decodeSnowflakeId', handle: decode },
  ]

  function oneId(tag: string, call: HttpCall): Reply | Promise<Reply> {
    call.expectNoBody()
    const id = nextId.execute(tag, call)
    return typeof id === 'bigint' ? idReply(id) : id.then(idReply)
  }

  async function decode(call: HttpCall): Promise<Reply> {
    const { snowflakeId } = checked(DecodeQuery, 'The query', call.query)
    return decodedReply(await call.inTime(decodeId.execute(SNOWFLAKE_TAG, snowflakeId)))
  }
}

function idReply(id: bigint): Reply {
  return plainText(String(id))
}

function decodedReply({ timeMs, worker, sequence }: DecodedId): Reply {
  const time = new Date(timeMs).toISOString().replace('T', ' ').replace('Z', '')
  return json({
    timestamp: `${timeMs}(${time})`,
    sequenceId: String(sequence),
    workerId: String(worker),
  })
}
