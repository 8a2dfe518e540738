import { Client, credentials, Metadata, status } from '@grpc/grpc-js'
import type { TagName } from '../../internal/domain/entity/tag.ts'
import type { Clock } from '../clock/clock.ts'
import { decodedIn, rangesIn } from './answers.ts'
import { type IdMethod, type IdMethods, idMethods } from './contract.ts'
import type { DecodedId, IdRange } from './id-client.ts'
import { refusalIn } from './rpc-status.ts'
import { type Patience, Transport, unlessAborted } from './transport.ts'

const OPTIONS = {
  // Whoever asks tries again, here or elsewhere, and knows how long.
  'grpc.enable_retries': 0,
  'grpc.service_config_disable_resolution': 1,
  // A proxy for the outside world must not come between a service and its callers.
  'grpc.enable_http_proxy': 0,
  // A new client must not begin with the connection that the old one was given up for.
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_channelz': 0,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1000,
}

/** gRPC to one instance. The one file of the client that knows grpc-js's calls. */
export class GrpcTransport extends Transport {
  readonly #address: string
  readonly #clock: Clock
  readonly #methods: IdMethods
  #client: Client

  /** @param address `host:port` */
  constructor(address: string, clock: Clock) {
    super()
    this.#address = address
    this.#clock = clock
    this.#methods = idMethods()
    this.#client = this.#connect()
  }

  override nextIds(tag: TagName, count: number, patience: Patience): Promise<readonly IdRange[]> {
    const read = (answer: object) => rangesIn(answer, count)
    return this.#ask(this.#methods.nextIds, { tag, count }, read, patience)
  }

  override decodeId(tag: TagName, id: bigint, patience: Patience): Promise<DecodedId> {
    return this.#ask(this.#methods.decodeId, { tag, id }, decodedIn, patience)
  }

  // grpc-js waits without end for a host that takes a connection and says nothing on it.
  override probe({ limitMs, signal }: Patience): Promise<void> {
    this.#client.close()
    const client = this.#connect()
    this.#client = client
    return unlessAborted(signal, (resolve, reject) => {
      client.waitForReady(this.#clock.nowMs() + limitMs, (error) => {
        if (error === undefined) resolve()
        else reject(error)
      })
      return () => {}
    })
  }

  override close(): void {
    this.#client.close()
  }

  #connect(): Client {
    return new Client(this.#address, credentials.createInsecure(), OPTIONS)
  }

  #ask<Answer>(
    { path, requestSerialize, responseDeserialize }: IdMethod,
    request: object,
    read: (answer: object) => Answer,
    { limitMs, signal }: Patience,
  ): Promise<Answer> {
    return unlessAborted(signal, (resolve, reject) => {
      const call = this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        (bytes) => read(responseDeserialize(bytes)),
        request,
        new Metadata(),
        { deadline: this.#clock.nowMs() + limitMs },
        (error, answer) => {
          const refusal = error === null ? undefined : refusalIn(error)
          // The signal is about to say so: grpc-js keeps an eye on the same deadline.
          if (error?.code === status.DEADLINE_EXCEEDED && refusal === undefined) return
          if (error === null && answer !== undefined) resolve(answer)
          else reject(refusal ?? error ?? new Error('There is no answer.'))
        },
      )
      return () => call.cancel()
    })
  }
}
