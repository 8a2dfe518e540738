import { z } from 'zod'
import type { IdRange } from '../../domain/entity/id-range.ts'
import type { UseCases } from '../use-cases.ts'
import type { HttpCall } from './http-call.ts'
import { checked, wholeNumber } from './json-body.ts'
import { rangeJson } from './range-json.ts'
import { json, plainText, type Reply, rawJson } from './reply.ts'
import type { Route } from './route.ts'

const NextIdsBody = z.strictObject({ count: wholeNumber })

/** The routes that hand out ids. */
export function idRoutes({ nextId, nextIds }: Pick<UseCases, 'nextId' | 'nextIds'>): Route[] {
  return [
    { method: 'POST', path: '/v1/tags/{tag}:nextId', handle: oneId(idReply) },
    { method: 'POST', path: '/v1/tags/{tag}:nextIds', handle: manyIds },
    // Leaf's own path, by GET as Leaf has it.
    { method: 'GET', path: '/api/segment/get/{tag}', handle: oneId((id) => plainText(String(id))) },
  ]

  function oneId(replyOf: (id: bigint) => Reply): Route['handle'] {
    return (call) => {
      call.expectNoBody()
      const id = nextId.execute(call.tag, call)
      return typeof id === 'bigint' ? replyOf(id) : id.then(replyOf)
    }
  }

  function manyIds(call: HttpCall): Reply | Promise<Reply> {
    const { count } = checked(NextIdsBody, 'The body', call.body)
    const ranges = nextIds.execute(call.tag, count, call)
    return ranges instanceof Promise ? ranges.then(rangesReply) : rangesReply(ranges)
  }
}

function idReply(id: bigint): Reply {
  return rawJson(`{"id":"${id}"}`)
}

function rangesReply(ranges: readonly IdRange[]): Reply {
  return json({ ranges: ranges.map(rangeJson) })
}
