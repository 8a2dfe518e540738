import { z } from 'zod'
import type { IdRange } from '../../internal/domain/entity/id-range.ts'
import { type GrpcClient, type Refusal, refusal } from './grpc-client.ts'

/** The ids, or the code of why there are none: ours, or gRPC's where the service could not say why. */
export type Outcome = readonly IdRange[] | string

const Int64 = z.string().transform(BigInt)
const ErrorInfo = z.object({ reason: z.string() })

/** `{id}`, as a range of one. */
export const OneId = z
  .object({ id: Int64 })
  .transform(({ id }): readonly IdRange[] => [{ first: id, last: id }])

/** `{ranges}`, each without holes. */
export const Ranges = z
  .object({
    ranges: z.array(
      z.object({ first: Int64, last: Int64, step: z.literal('1').transform(BigInt) }),
    ),
  })
  .transform(({ ranges }): readonly IdRange[] => ranges)

/** Asks for one id over gRPC. @throws ZodError if the answer is something else. */
export async function nextId(client: GrpcClient, tag: string, limitMs: number): Promise<Outcome> {
  const reply = await settle(client.ask('goloves.v1.IdService/NextId', { tag }, limitMs))
  return typeof reply === 'string' ? reply : OneId.parse(reply)
}

/** Asks for many ids over gRPC. @throws ZodError if the answer is something else. */
export async function nextIds(
  client: GrpcClient,
  tag: string,
  count: number,
  limitMs: number,
): Promise<Outcome> {
  const reply = await settle(client.ask('goloves.v1.IdService/NextIds', { tag, count }, limitMs))
  return typeof reply === 'string' ? reply : Ranges.parse(reply)
}

/** The answer to a call over gRPC, or the code of why there is none. */
export async function settle(reply: Promise<object>): Promise<object | string> {
  try {
    return await reply
  } catch {
    return codeOf(await refusal(reply))
  }
}

function codeOf({ status = '', details }: Refusal): string {
  const info = ErrorInfo.safeParse(details.find(({ type }) => type === 'ErrorInfo')?.value)
  return info.success ? info.data.reason : status
}
