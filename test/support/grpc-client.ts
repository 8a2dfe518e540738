import {
  Client,
  type ClientDuplexStream,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js'
import { loadSync, type MethodDefinition } from '@grpc/proto-loader'
import { protoPath as healthProto } from 'grpc-health-check'
import protobuf from 'protobufjs'

const DEFINITIONS = loadSync(
  ['goloves/v1/id_service.proto', 'goloves/v1/tag_service.proto', healthProto],
  { includeDirs: ['api/proto'], longs: String, enums: String, defaults: true, oneofs: true },
)

const { root } = protobuf.parse(`
  syntax = "proto3";
  message Any { string type_url = 1; bytes value = 2; }
  message Duration { int64 seconds = 1; int32 nanos = 2; }
  message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
  message ErrorInfo { string reason = 1; string domain = 2; map<string, string> metadata = 3; }
  message RetryInfo { Duration retry_delay = 1; }
`)

/** How a call failed, as far as a program can read it. */
export interface Refusal {
  readonly status: string | undefined
  readonly message: string
  readonly details: readonly { readonly type: string; readonly value: unknown }[]
}

/** One plain gRPC client of the service, on a connection of its own. */
export class GrpcClient {
  readonly #client: Client

  constructor(port: number) {
    const options = { 'grpc.use_local_subchannel_pool': 1 }
    this.#client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), options)
  }

  /** @param rpc Such as `goloves.v1.IdService/NextId`. Rejects with a ServiceError. */
  ask(rpc: string, request: object, timeoutMs = 10_000): Promise<object> {
    return this.start(rpc, request, timeoutMs).reply
  }

  /** As `ask`, for a call that may be cancelled. */
  start(rpc: string, request: object, timeoutMs = 10_000) {
    const method = methodOf(rpc)
    return this.#unary(method.path, method.requestSerialize(request), method, timeoutMs)
  }

  /** Sends bytes that need not be a message. */
  send(rpc: string, bytes: Buffer): Promise<object> {
    const method = methodOf(rpc)
    return this.#unary(method.path, bytes, method, 10_000).reply
  }

  /** A stream of questions, or of bytes that are none; the caller ends it. */
  stream(timeoutMs = 10_000): ClientDuplexStream<object, object> {
    const { path, requestSerialize, responseDeserialize } = methodOf(
      'goloves.v1.IdService/StreamIds',
    )
    const serialize = (question: object) =>
      Buffer.isBuffer(question) ? question : requestSerialize(question)
    return this.#client.makeBidiStreamRequest(path, serialize, responseDeserialize, {
      deadline: Date.now() + timeoutMs,
    })
  }

  /** A server's stream, such as the watch of a health. */
  watch(rpc: string, request: object) {
    const { path, requestSerialize, responseDeserialize } = methodOf(rpc)
    return this.#client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
    )
  }

  close(): void {
    this.#client.close()
  }

  #unary(path: string, bytes: Buffer, method: MethodDefinition<object, object>, timeoutMs: number) {
    let cancel = () => {}
    const reply = new Promise<object>((resolve, reject) => {
      const call = this.#client.makeUnaryRequest(
        path,
        (raw: Buffer) => raw,
        method.responseDeserialize,
        bytes,
        new Metadata(),
        { deadline: Date.now() + timeoutMs },
        (error, value) => (error === null && value !== undefined ? resolve(value) : reject(error)),
      )
      cancel = () => call.cancel()
    })
    return { reply, cancel }
  }
}

/** Waits for a call to fail and reads how. */
export async function refusal(reply: Promise<unknown>): Promise<Refusal> {
  try {
    await reply
  } catch (error) {
    if (isServiceError(error)) return readRefusal(error)
    throw error
  }
  throw new Error('The call did not fail.')
}

/** The failure of a call or stream, with its `google.rpc` details. */
export function readRefusal(error: ServiceError): Refusal {
  return {
    status: status[error.code],
    message: error.details,
    details: error.metadata.get('grpc-status-details-bin').flatMap(readDetails),
  }
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'metadata' in error && 'details' in error
}

function readDetails(bytes: string | Buffer) {
  if (typeof bytes === 'string') throw new Error('The details are no bytes.')
  const { details } = read('Status', bytes)
  if (!Array.isArray(details)) throw new Error('There is no list of details.')
  return details.map(({ typeUrl, value }: { typeUrl: string; value: Buffer }) => {
    const type = typeUrl.replace('type.googleapis.com/google.rpc.', '')
    return { type, value: read(type, value) }
  })
}

function read(type: string, bytes: Buffer): Record<string, unknown> {
  const message = root.lookupType(type)
  return message.toObject(message.decode(bytes), { longs: String, bytes: Buffer })
}

/** A method of the contract. @param rpc Such as `goloves.v1.IdService/NextId`. */
export function methodOf(rpc: string): MethodDefinition<object, object> {
  const [service = '', name = ''] = rpc.split('/')
  const method = Object.entries(DEFINITIONS[service] ?? {}).find(([key]) => key === name)?.[1]
  if (!isMethod(method)) throw new Error(`The contract has no ${rpc}.`)
  return method
}

function isMethod(value: unknown): value is MethodDefinition<object, object> {
  return typeof value === 'object' && value !== null && 'requestSerialize' in value
}
