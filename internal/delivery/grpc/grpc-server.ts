import { once } from 'node:events'
import { createServer, type Server as Listener, type Socket } from 'node:net'
import {
  type handleServerStreamingCall,
  Server,
  ServerCredentials,
  type UntypedHandleCall,
} from '@grpc/grpc-js'
import { HealthImplementation } from 'grpc-health-check'
import type { CallMeters } from '../../../pkg/metering/call-meters.ts'
import { connectionLimit } from '../connection-limit.ts'
import { BACKLOG, cannotListen } from '../listen-address.ts'
import type { UseCases } from '../use-cases.ts'
import { callLabels } from './call-labels.ts'
import { type CallOptions, Calls } from './calls.ts'
import { type Contract, lastingPaths, loadContract, SERVICES } from './contract.ts'
import { idMethods } from './id-methods.ts'
import { OpenCalls } from './open-calls.ts'
import { reflectionOf } from './reflection.ts'
import { tagMethods } from './tag-methods.ts'

/** What callers can make the gRPC server hold, and for how long. */
export interface GrpcLimits {
  /** The longest request. */
  readonly maxMessageBytes: number
  /** How many calls one connection may have open at once; more of them wait in the client. */
  readonly maxConcurrentStreams: number
  /** Further connections are closed at once. */
  readonly maxConnections: number
  /** How many calls may be open on all connections together; for a further one the oldest ends. */
  readonly maxCalls: number
  /** How many StreamIds and watches of a health may be open beside them, which last. */
  readonly maxLastingCalls: number
  /** How long a request may take to arrive, on top of the longest deadline. */
  readonly arrivalMs: number
  /** After how long a connection is asked whether it lives. */
  readonly keepaliveMs: number
  /** How long a connection stays open with no call. */
  readonly idleMs: number
}

export interface GrpcServerOptions extends CallOptions {
  readonly useCases: UseCases
  /** Counts the calls of `IdService` and `TagService`. */
  readonly meters: CallMeters
  readonly limits: GrpcLimits
  /** The directory that holds `goloves/v1/*.proto`. */
  readonly protoDir: string
}

const KEEPALIVE_TIMEOUT_MAX_MS = 20_000

/** All we offer over gRPC: `IdService`, `TagService`, health and reflection. */
export class GrpcServer {
  readonly #clock: CallOptions['clock']
  readonly #report: CallOptions['report']
  readonly #server: Server
  readonly #listener: Listener
  readonly #connections = new Set<Socket>()
  readonly #openCalls: OpenCalls
  readonly #calls: Calls
  #port = 0
  readonly #health = new HealthImplementation()

  constructor({ useCases, meters, limits, protoDir, ...callOptions }: GrpcServerOptions) {
    const { clock, deadlines, report } = callOptions
    this.#clock = clock
    this.#report = report
    const { refusals } = meters
    this.#calls = new Calls({ ...callOptions, refusals, streamsMax: limits.maxLastingCalls })
    this.#server = new Server(serverOptions(limits))
    this.#listener = this.#newListener(limits.maxConnections)
    const contract = loadContract(protoDir, limits.maxMessageBytes)
    this.#openCalls = new OpenCalls(
      {
        clock,
        callsMax: limits.maxCalls,
        callMaxMs: deadlines.maxMs + limits.arrivalMs,
        lasting: lastingPaths(contract),
      },
      ({ socket }) => socket.localPort === this.#port,
    )
    this.#addOurs(contract, useCases, meters)
    this.#addHealth()
    reflectionOf(contract.shown).addToServer(this.#server)
    this.setServing(false)
  }

  /**
   * @param port 0 for any free one.
   * @returns The port it listens on.
   * @throws Error that names the address and the cure.
   */
  async listen(host: string, port: number): Promise<number> {
    this.#listener.listen(port, host, BACKLOG)
    await once(this.#listener, 'listening').catch((error) => {
      throw cannotListen('gRPC', host, port, error)
    })
    // From now on an error is one of accepting a connection, such as too many open files.
    this.#listener.on('error', this.#report)
    const address = this.#listener.address()
    this.#port = typeof address === 'object' && address !== null ? address.port : port
    return this.#port
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
    const closed = Promise.withResolvers<void>()
    const callOff = this.#clock.after(limitMs, () => {
      // Not forceShutdown of grpc-js (1.14): without channelz it knows of no connection.
      for (const socket of this.#connections) socket.destroy()
      closed.resolve()
    })
    // Unlike that of grpc-js, this waits for every connection.
    this.#listener.close(() => closed.resolve())
    this.#server.tryShutdown(() => {})
    this.#calls.endStreams()
    await closed.promise
    callOff()
    this.#openCalls.close()
  }

  /** Ours, since that of grpc-js takes any number of connections. */
  #newListener(maxConnections: number): Listener {
    const http2 = this.#server.createConnectionInjector(ServerCredentials.createInsecure())
    const listener = createServer((socket) => {
      this.#connections.add(socket)
      socket.once('close', () => this.#connections.delete(socket))
      http2.injectConnection(socket)
    })
    return Object.assign(listener, connectionLimit(maxConnections))
  }

  #addOurs({ idService, tagService }: Contract, useCases: UseCases, meters: CallMeters): void {
    const idMeter = (name: string) => meters.add(callLabels(idService, name))
    const ids = idMethods(useCases)
    this.#server.addService(idService, {
      nextId: this.#calls.unary(ids.nextId, idMeter('nextId')),
      nextIds: this.#calls.unary(ids.nextIds, idMeter('nextIds')),
      streamIds: this.#calls.stream(ids.answer, ids.refuse, idMeter('streamIds')),
      decodeId: this.#calls.unary(ids.decodeId, idMeter('decodeId')),
    })
    const tagMeter = (name: string) => meters.add(callLabels(tagService, name))
    const tags = tagMethods(useCases)
    this.#server.addService(tagService, {
      createTag: this.#calls.unary(tags.createTag, tagMeter('createTag')),
      getTag: this.#calls.unary(tags.getTag, tagMeter('getTag')),
      listTags: this.#calls.unary(tags.listTags, tagMeter('listTags')),
      updateTag: this.#calls.unary(tags.updateTag, tagMeter('updateTag')),
      raiseTag: this.#calls.unary(tags.raiseTag, tagMeter('raiseTag')),
      freezeTag: this.#calls.unary(tags.freezeTag, tagMeter('freezeTag')),
      unfreezeTag: this.#calls.unary(tags.unfreezeTag, tagMeter('unfreezeTag')),
      deleteTag: this.#calls.unary(tags.deleteTag, tagMeter('deleteTag')),
      getTagState: this.#calls.unary(tags.getTagState, tagMeter('getTagState')),
      findOwner: this.#calls.unary(tags.findOwner, tagMeter('findOwner')),
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

function serverOptions(limits: GrpcLimits) {
  return {
    // One that is a little too long is read, so that it is refused with our own code.
    'grpc.max_receive_message_length': 2 * limits.maxMessageBytes,
    'grpc.max_concurrent_streams': limits.maxConcurrentStreams,
    'grpc.keepalive_time_ms': limits.keepaliveMs,
    'grpc.keepalive_timeout_ms': Math.min(limits.keepaliveMs, KEEPALIVE_TIMEOUT_MAX_MS),
    'grpc.max_connection_idle_ms': limits.idleMs,
    // Nobody can ask for what it would count.
    'grpc.enable_channelz': 0,
  }
}
