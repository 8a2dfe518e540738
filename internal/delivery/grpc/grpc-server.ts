import {
  type handleServerStreamingCall,
  Server,
  ServerCredentials,
  type UntypedHandleCall,
} from '@grpc/grpc-js'
import { HealthImplementation } from 'grpc-health-check'
import { cannotListen, hostPort } from '../listen-address.ts'
import type { UseCases } from '../use-cases.ts'
import { type CallOptions, Calls } from './calls.ts'
import { type Contract, loadContract, SERVICES } from './contract.ts'
import { idMethods } from './id-methods.ts'
import { reflectionOf } from './reflection.ts'
import { tagMethods } from './tag-methods.ts'

export interface GrpcLimits {
  /** The longest request. */
  readonly maxMessageBytes: number
  /** How many calls one connection may have open at once; more of them wait in the client. */
  readonly maxConcurrentStreams: number
}

export interface GrpcServerOptions extends CallOptions {
  readonly useCases: UseCases
  readonly limits: GrpcLimits
  /** The directory that holds `goloves/v1/*.proto`. */
  readonly protoDir: string
}

/** All we offer over gRPC: `IdService`, `TagService`, health and reflection. */
export class GrpcServer {
  readonly #clock: CallOptions['clock']
  readonly #server: Server
  readonly #calls: Calls
  readonly #health = new HealthImplementation()

  constructor({ useCases, limits, protoDir, ...callOptions }: GrpcServerOptions) {
    this.#clock = callOptions.clock
    this.#calls = new Calls(callOptions)
    this.#server = new Server(serverOptions(limits))
    const contract = loadContract(protoDir, limits.maxMessageBytes)
    this.#addOurs(contract, useCases)
    this.#addHealth()
    reflectionOf(contract.shown).addToServer(this.#server)
    this.setServing(false)
  }

  /**
   * @param port 0 for any free one.
   * @returns The port it listens on.
   * @throws Error that names the address and the cure.
   */
  listen(host: string, port: number): Promise<number> {
    const address = hostPort(host, port)
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) => {
        if (error === null) resolve(bound)
        else reject(cannotListen('gRPC', host, port, error))
      })
    })
  }

  /** What health says, of the whole server and of each service; NOT_SERVING at first. */
  setServing(serving: boolean): void {
    for (const name of ['', ...SERVICES]) {
      this.#health.setStatus(name, serving ? 'SERVING' : 'NOT_SERVING')
    }
  }

  /**
   * Takes no more connections, lets the calls in flight finish, and cuts those off that have not
   * after `limitMs`. Streams end after the question at hand; close the gate first, it says how.
   */
  async close(limitMs: number): Promise<void> {
    const callOff = this.#clock.after(limitMs, () => this.#server.forceShutdown())
    const closed = new Promise<void>((resolve) => {
      this.#server.tryShutdown(() => resolve())
    })
    this.#calls.endStreams()
    await closed
    callOff()
  }

  #addOurs({ idService, tagService }: Contract, useCases: UseCases): void {
    const ids = idMethods(useCases)
    this.#server.addService(idService, {
      nextId: this.#calls.unary(ids.nextId),
      nextIds: this.#calls.unary(ids.nextIds),
      streamIds: this.#calls.stream(ids.answer, ids.refuse),
      decodeId: this.#calls.unary(ids.decodeId),
    })
    const tags = tagMethods(useCases)
    this.#server.addService(tagService, {
      createTag: this.#calls.unary(tags.createTag),
      getTag: this.#calls.unary(tags.getTag),
      listTags: this.#calls.unary(tags.listTags),
      updateTag: this.#calls.unary(tags.updateTag),
      raiseTag: this.#calls.unary(tags.raiseTag),
      freezeTag: this.#calls.unary(tags.freezeTag),
      unfreezeTag: this.#calls.unary(tags.unfreezeTag),
      deleteTag: this.#calls.unary(tags.deleteTag),
      getTagState: this.#calls.unary(tags.getTagState),
      findOwner: this.#calls.unary(tags.findOwner),
    })
  }

  /** A watch lasts as long as its client likes: it ends with us, or every stop would take the whole limit. */
  #addHealth(): void {
    this.#health.addToServer({
      addService: (service, { watch, ...methods }) => {
        if (!isServerStreaming(watch)) throw new Error('The watch of a health is no stream.')
        this.#server.addService(service, { ...methods, watch: this.#calls.watch(watch) })
      },
    })
  }
}

function isServerStreaming(
  handler: UntypedHandleCall | undefined,
): handler is handleServerStreamingCall<unknown, unknown> {
  return handler?.length === 1
}

function serverOptions({ maxMessageBytes, maxConcurrentStreams }: GrpcLimits) {
  return {
    // One that is a little too long is read, so that it is refused with our own code.
    'grpc.max_receive_message_length': 2 * maxMessageBytes,
    'grpc.max_concurrent_streams': maxConcurrentStreams,
    'grpc.keepalive_time_ms': 60_000,
    'grpc.keepalive_timeout_ms': 20_000,
    // Without it forceShutdown of grpc-js 1.14 knows of no connection, and cuts none off.
    'grpc.enable_channelz': 1,
  }
}
