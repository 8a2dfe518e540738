import type { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import type { Caller } from '../../domain/generator/caller.ts'
import type { DecodedId } from '../../usecase/idgen/decode-id.ts'
import type { UseCases } from '../use-cases.ts'
import {
  type DecodeIdRequest,
  errorMessage,
  type NextIdRequest,
  type NextIdResponse,
  type NextIdsRequest,
  type NextIdsResponse,
  rangesMessage,
  type StreamIdsResponse,
} from './id-messages.ts'
import type { Method } from './method.ts'

export interface IdMethods {
  readonly nextId: Method<NextIdRequest, NextIdResponse>
  readonly nextIds: Method<NextIdsRequest, NextIdsResponse>
  /** One question of a stream. */
  readonly answer: Method<NextIdsRequest, StreamIdsResponse>
  /** The answer to a question that failed. */
  readonly refuse: (failure: GolovesError) => StreamIdsResponse
  readonly decodeId: Method<DecodeIdRequest, DecodedId>
}

/** The RPCs of IdService. None that hands out makes a promise while ids are in memory. */
export function idMethods({
  nextId,
  nextIds,
  decodeId,
}: Pick<UseCases, 'nextId' | 'nextIds' | 'decodeId'>): IdMethods {
  const take = ({ tag, count }: NextIdsRequest, caller: Caller) =>
    nextIds.execute(tag, BigInt(count), caller)
  return {
    nextId: ({ tag }, caller) => whenReady(nextId.execute(tag, caller), (id) => ({ id })),
    nextIds: (request, caller) => whenReady(take(request, caller), rangesMessage),
    answer: (question, caller) =>
      whenReady(take(question, caller), (ranges) => ({ ranges: rangesMessage(ranges) })),
    refuse: (failure) => ({ error: errorMessage(failure) }),
    decodeId: ({ tag, id }) => decodeId.execute(tag, id),
  }
}

function whenReady<T, Answer>(value: T | Promise<T>, answer: (value: T) => Answer) {
  return value instanceof Promise ? value.then(answer) : answer(value)
}
