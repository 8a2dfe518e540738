import { z } from 'zod'
import type { IdRange } from '../../domain/entity/id-range.ts'
import type { DecodedId } from '../../usecase/idgen/decode-id.ts'
import type { UseCases } from '../use-cases.ts'
import type { HttpCall } from './http-call.ts'
import { checked, wholeNumber } from './json-body.ts'
import { rangeJson } from './range-json.ts'
import { json, type Reply, rawJson } from './reply.ts'
import type { Route } from './route.ts'

const NextIdsBody = z.strictObject({ count: wholeNumber })
const DecodeQuery = z.strictObject({ id: z.string() })

/** The routes that hand out ids, and read them. */
export function idRoutes({
  nextId,
  nextIds,
  decodeId,
}: Pick<UseCases, 'nextId' | 'nextIds' | 'decodeId'>): Route[] {
  return [
    { method: 'POST', path: '/v1/tags/{tag}:nextId', handle: oneId },
    { method: 'POST', path: '/v1/tags/{tag}:nextIds', handle: manyIds },
    { method: 'GET', path: '/v1/tags/{tag}:decodeId', handle: decode },
  ]

  function oneId(call: HttpCall): Reply | Promise<Reply> {
    call.expectNoBody()
    const id = nextId.execute(call.tag, call)
    return typeof id === 'bigint' ? idReply(id) : id.then(idReply)
  }

  function manyIds(call: HttpCall): Reply | Promise<Reply> {
    const { count } = checked(NextIdsBody, 'The body', call.body)
    const ranges = nextIds.execute(call.tag, count, call)
    return ranges instanceof Promise ? ranges.then(rangesReply) : rangesReply(ranges)
  }

  async function decode(call: HttpCall): Promise<Reply> {
    const { id } = checked(DecodeQuery, 'The query', call.query)
    return decodedReply(await call.inTime(decodeId.execute(call.tag, id)))
  }
}

function idReply(id: bigint): Reply {
  return rawJson(`{"id":"${id}"}`)
}

function rangesReply(ranges: readonly IdRange[]): Reply {
  return json({ ranges: ranges.map(rangeJson) })
}

function decodedReply({ timeMs, worker, sequence }: DecodedId): Reply {
  return json({ timeMs, time: new Date(timeMs).toISOString(), worker, sequence })
}
