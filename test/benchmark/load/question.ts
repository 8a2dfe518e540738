import { methodOf } from '../../support/grpc-client.ts'

/** What a load generator asks again and again, by POST. */
export interface Question {
  readonly protocol: 'h2c' | 'http/1.1'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

const PREFIX_BYTES = 5

/**
 * A unary call. A load generator sees its status of HTTP alone, so whoever asks has to make sure
 * that the answers are answers (`Goloves.giving`).
 *
 * @param address `host:port`
 * @param rpc Such as `goloves.v1.IdService/NextId`.
 */
export function grpcQuestion(address: string, rpc: string, request: object): Question {
  const { path, requestSerialize } = methodOf(rpc)
  const message = requestSerialize(request)
  const prefix = Buffer.alloc(PREFIX_BYTES)
  prefix.writeUInt32BE(message.length, 1)
  return {
    protocol: 'h2c',
    url: `http://${address}${path}`,
    headers: { 'content-type': 'application/grpc', te: 'trailers' },
    body: Buffer.concat([prefix, message]),
  }
}

/** A POST without a body. @param address `host:port` */
export function httpQuestion(address: string, path: string): Question {
  return {
    protocol: 'http/1.1',
    url: `http://${address}${path}`,
    headers: {},
    body: Buffer.alloc(0),
  }
}
