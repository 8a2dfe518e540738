import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import type { MethodDefinition, PackageDefinition } from '@grpc/proto-loader'
import type { z } from 'zod'
import type { Settings } from '../../internal/config/settings.ts'
import { loadDefinitions } from '../../internal/delivery/grpc/contract.ts'
import { reasonIn } from '../../internal/delivery/grpc/status-details.ts'
import { hostPort } from '../../internal/delivery/listen-address.ts'
import type { Clock } from '../../pkg/clock/clock.ts'
import { PROTO_FOLDER } from './package-root.ts'

/** A service that refused, did not answer, or has no answer. Its message is for the person at the terminal. */
export class ServiceFailure extends Error {
  override readonly name = 'ServiceFailure'
}

type Method = MethodDefinition<object, object>

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
    this.#contract = loadDefinitions(PROTO_FOLDER)
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
  return hostPort(own, port)
}

function isMethod(value: unknown): value is Method {
  return typeof value === 'object' && value !== null && 'requestSerialize' in value
}

/**
 * The code of the closed list that comes with a failure; undefined if it is not the service's own.
 */
function codeOf({ metadata }: ServiceError): string | undefined {
  const [bytes] = metadata.get('grpc-status-details-bin')
  return Buffer.isBuffer(bytes) ? reasonIn(bytes) : undefined
}
