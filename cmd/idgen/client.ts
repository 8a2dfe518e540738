import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { loadSync, type MethodDefinition, type PackageDefinition } from '@grpc/proto-loader'
import { protoPath as healthProto } from 'grpc-health-check'
import protobuf from 'protobufjs'
import type { z } from 'zod'
import type { Settings } from '../../internal/config/settings.ts'
import type { Clock } from '../../pkg/clock/clock.ts'
import { PROTO_FOLDER } from './package-root.ts'

/** A service that refused or did not answer. Its message is for the person at the terminal. */
export class ServiceFailure extends Error {
  override readonly name = 'ServiceFailure'
}

type Method = MethodDefinition<object, object>

const PROTO_FILES = ['goloves/v1/id_service.proto', 'goloves/v1/tag_service.proto', healthProto]

/** The running service, as the commands see it: one question, one answer. */
export class ServiceClient {
  readonly #address: string
  readonly #timeoutMs: number
  readonly #clock: Clock
  readonly #client: Client
  readonly #contract: PackageDefinition

  /** Asks the service that runs, or should run, under these settings. Nothing is sent yet. */
  constructor({ grpc, deadline }: Settings, clock: Clock) {
    this.#address = addressOf(grpc)
    this.#timeoutMs = deadline.defaultMs
    this.#clock = clock
    // A proxy for the outside world must not come between a machine and itself.
    const options = { 'grpc.enable_http_proxy': 0 }
    this.#client = new Client(this.#address, credentials.createInsecure(), options)
    this.#contract = loadSync(PROTO_FILES, {
      includeDirs: [PROTO_FOLDER],
      longs: String,
      enums: String,
      defaults: true,
      oneofs: true,
    })
  }

  /**
   * Calls `service/method`; `reply` says what is read of the answer.
   *
   * @throws ServiceFailure `CODE: message` if the service refuses, or a sentence if there is none.
   */
  async ask<Reply>(path: string, request: object, reply: z.ZodType<Reply>): Promise<Reply> {
    const method = this.#method(path)
    const deadline = this.#clock.nowMs() + this.#timeoutMs
    const answer = await new Promise<object | undefined>((resolve, reject) => {
      this.#client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        new Metadata(),
        { deadline },
        (error, value) => (error === null ? resolve(value) : reject(this.#failure(error))),
      )
    })
    return reply.parse(answer)
  }

  close(): void {
    this.#client.close()
  }

  #method(path: string): Method {
    const [service = '', name = ''] = path.split('/')
    const methods = this.#contract[service]
    const method = Object.entries(methods ?? {}).find(([known]) => known === name)?.[1]
    if (!isMethod(method)) throw new Error(`The contract has no ${path}.`)
    return method
  }

  #failure(error: ServiceError): ServiceFailure {
    const code = codeOf(error)
    if (code !== undefined) return new ServiceFailure(`${code}: ${error.details}`)
    if (error.code === status.UNAVAILABLE) {
      return new ServiceFailure(
        `No service answers at ${this.#address}. Start one with: idgen serve`,
      )
    }
    return new ServiceFailure(`${status[error.code]}: ${error.details}`)
  }
}

/** Whoever listens on every address is asked on this machine's own. */
function addressOf({ host, port }: Settings['grpc']): string {
  const own = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host
  return own.includes(':') ? `[${own}]:${port}` : `${own}:${port}`
}

function isMethod(value: unknown): value is Method {
  return typeof value === 'object' && value !== null && 'requestSerialize' in value
}

const { root: rpc } = protobuf.parse(`
  syntax = "proto3";
  message Any { string type_url = 1; bytes value = 2; }
  message Status { repeated Any details = 3; }
  message ErrorInfo { string reason = 1; }
`)

/**
 * The code of the closed list that comes with a failure; undefined if it is not the service's own.
 */
function codeOf({ metadata }: ServiceError): string | undefined {
  const [bytes] = metadata.get('grpc-status-details-bin')
  if (!Buffer.isBuffer(bytes)) return undefined
  const { details } = decode('Status', bytes)
  const infos: unknown[] = Array.isArray(details) ? details : []
  return infos.map(reasonOf).find((reason) => reason !== undefined)
}

function reasonOf(detail: unknown): string | undefined {
  if (typeof detail !== 'object' || detail === null) return undefined
  if (!('typeUrl' in detail && 'value' in detail)) return undefined
  if (detail.typeUrl !== 'type.googleapis.com/google.rpc.ErrorInfo') return undefined
  if (!(detail.value instanceof Uint8Array)) return undefined
  const { reason } = decode('ErrorInfo', detail.value)
  return typeof reason === 'string' ? reason : undefined
}

function decode(type: string, bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const message = rpc.lookupType(type)
  return message.toObject(message.decode(bytes))
}
