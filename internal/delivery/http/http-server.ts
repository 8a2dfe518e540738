import { once } from 'node:events'
import type { Socket } from 'node:net'
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import type { Clock } from '../../../pkg/clock/clock.ts'
import { overloaded } from '../../../pkg/errors/failures.ts'
import { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import type { CallMeter } from '../../../pkg/metering/call-meter.ts'
import type { CallMeters } from '../../../pkg/metering/call-meters.ts'
import { connectionLimit } from '../connection-limit.ts'
import type { DeadlineLimits } from '../deadline.ts'
import type { Gate } from '../gate.ts'
import { BACKLOG, cannotListen } from '../listen-address.ts'
import type { UseCases } from '../use-cases.ts'
import { methodNotAllowed, routeNotFound } from './failures.ts'
import { HttpCall, type HttpRequest } from './http-call.ts'
import type { HttpLimits } from './http-limits.ts'
import { idRoutes } from './id-routes.ts'
import { leafRoutes } from './leaf-routes.ts'
import { refuseMalformed, requestFault } from './malformed.ts'
import { probeRoutes, type Readiness } from './probe-routes.ts'
import { problem } from './problem.ts'
import type { Reply } from './reply.ts'
import { allowedMethods, fastifyPath, type Route } from './route.ts'
import { tagRoutes } from './tag-routes.ts'

export interface HttpServerOptions {
  readonly useCases: UseCases
  /** Refuses everything but the probes once it is closed. */
  readonly gate: Gate
  readonly clock: Clock
  readonly deadlines: DeadlineLimits
  readonly limits: HttpLimits
  readonly readiness: () => Promise<Readiness>
  /** What `/metrics` answers. */
  readonly metrics: () => Promise<string>
  /** Counts the requests by route. */
  readonly meters: CallMeters
  /** What `/openapi.json` answers. */
  readonly openapi: object
  /** Told what was thrown where a caller is only told INTERNAL. */
  readonly report: (thrown: unknown) => void
}

const RETRY_AFTER_MS = 1000

/** What is answered before a route was asked: no such path or method, a body that is too large. */
const NO_ROUTE = { method: 'none', route: 'none' }

/** The HTTP face of the service. */
export class HttpServer {
  readonly #options: HttpServerOptions
  readonly #app: FastifyInstance
  readonly #unrouted: CallMeter
  /** How many requests wait on each connection. */
  readonly #connections = new Map<Socket, number>()
  #closing = false

  constructor(options: HttpServerOptions) {
    this.#options = options
    this.#unrouted = options.meters.add(NO_ROUTE)
    this.#app = newApp(options, (thrown, _request, reply) => {
      this.#turnAway(reply, this.#refusal(thrown))
    })
    const { useCases, gate, readiness, metrics, openapi } = options
    const gated = [...idRoutes(useCases), ...leafRoutes(useCases), ...tagRoutes(useCases)].map(
      (route) => behind(gate, route),
    )
    const routes = [...gated, ...probeRoutes(readiness, metrics, openapi)]
    for (const route of routes) this.#add(route)
    this.#refuseOthers(routes)
    this.#app.server.on('connection', (socket: Socket) => this.#remember(socket))
  }

  /**
   * Listens, from now until `close`.
   *
   * @param port 0 for any free one.
   * @returns The port.
   * @throws Error saying what is wrong with the address, and what to do.
   */
  async listen(host: string, port: number): Promise<number> {
    await this.#app.ready()
    const { server } = this.#app
    server.listen(port, host, BACKLOG)
    await once(server, 'listening').catch((error) => {
      throw cannotListen('HTTP', host, port, error)
    })
    // From now on an error is one of accepting a connection, such as too many open files.
    server.on('error', this.#options.report)
    const address = server.address()
    return typeof address === 'object' && address !== null ? address.port : port
  }

  /**
   * Takes no further connections, closes those on which nothing is asked, and answers what was
   * asked already; what is not answered after `limitMs` is cut off.
   */
  async close(limitMs: number): Promise<void> {
    this.#closing = true
    const { server } = this.#app
    const callOff = this.#options.clock.after(limitMs, () => server.closeAllConnections())
    server.close()
    // Node takes a connection on which nothing was asked yet for a busy one.
    for (const socket of this.#connections.keys()) if (socket.bytesRead === 0) socket.destroy()
    await this.#app.close()
    callOff()
  }

  #remember(socket: Socket): void {
    this.#connections.set(socket, 0)
    // Callers that wait on one pipelined connection each watch it close.
    socket.setMaxListeners(0).once('close', () => this.#connections.delete(socket))
  }

  #add(route: Route): void {
    const { clock, meters } = this.#options
    const meter = meters.add({ method: route.method, route: route.path })
    this.#app.route({
      method: route.method,
      url: fastifyPath(route),
      handler: (request: HttpRequest, reply) => {
        const sinceMs = clock.monotonicMs()
        const { socket } = request.raw
        const answer = this.#answer(route, request, reply)
        if (answer instanceof Promise) {
          this.#count(socket, 1)
          return answer
            .catch((thrown) => this.#refusal(thrown))
            .then((late) => {
              this.#count(socket, -1)
              meter.end(late.status, clock.monotonicMs() - sinceMs)
              return this.#send(reply, late)
            })
        }
        meter.end(answer.status, clock.monotonicMs() - sinceMs)
        this.#send(reply, answer)
        // Returning the reply would make Fastify wait for it as for a promise.
        return undefined
      },
    })
  }

  #answer(route: Route, request: HttpRequest, reply: FastifyReply): Reply | Promise<Reply> {
    const { clock, deadlines } = this.#options
    try {
      this.#refuseImpatience(request.raw.socket)
      return route.handle(new HttpCall(request, reply.raw, clock, deadlines))
    } catch (thrown) {
      return this.#refusal(thrown)
    }
  }

  /**
   * Node reads on for as long as no answers pile up on a connection, however many requests wait.
   *
   * @throws GolovesError OVERLOADED if too many requests wait on this connection.
   */
  #refuseImpatience(socket: Socket): void {
    const waiting = this.#connections.get(socket) ?? 0
    if (waiting < this.#options.limits.maxWaitingRequests) return
    throw overloaded('requests wait on this connection', RETRY_AFTER_MS)
  }

  #count(socket: Socket, change: number): void {
    const waiting = this.#connections.get(socket)
    if (waiting !== undefined) this.#connections.set(socket, waiting + change)
  }

  #refuseOthers(routes: readonly Route[]): void {
    const allowed = allowedMethods(routes)
    this.#app.setNotFoundHandler((request, reply) => {
      const methods = allowed(request.url)
      const error = methods === undefined ? routeNotFound() : methodNotAllowed(methods)
      this.#turnAway(reply, this.#refusal(error))
    })
  }

  #turnAway(reply: FastifyReply, refusal: Reply): void {
    this.#unrouted.turnAway(refusal.status)
    this.#send(reply, refusal)
  }

  #refusal(thrown: unknown): Reply {
    const { limits, meters, report } = this.#options
    const error = requestFault(thrown, limits) ?? GolovesError.from(thrown)
    meters.refusals.count(error.code)
    if (error.code === 'INTERNAL') report(thrown)
    return problem(error)
  }

  #send(reply: FastifyReply, { status, headers, body }: Reply): FastifyReply {
    // Else the connection would stay open for a next request, and hold up the close.
    if (this.#closing) reply.header('connection', 'close')
    return reply.code(status).headers(headers).send(body)
  }
}

type Fail = (thrown: Error, request: FastifyRequest, reply: FastifyReply) => void

function newApp({ limits, deadlines }: HttpServerOptions, fail: Fail): FastifyInstance {
  const app = fastify({
    bodyLimit: limits.maxBodyBytes,
    // Nothing moves on the connection of a caller that waits; past this one nobody does any more.
    connectionTimeout: deadlines.maxMs + limits.requestTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    http: {
      // Else Node answers a request without Host by itself, with an empty 400.
      requireHostHeader: false,
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.requestTimeoutMs / 2,
      connectionsCheckingInterval: limits.requestTimeoutMs / 2,
    },
    // The gate says when to refuse, and in the form of all our errors.
    return503OnClosing: false,
    // A tag of any length reaches the use case, which knows what to say of it.
    routerOptions: { maxParamLength: limits.maxHeaderBytes },
    // An id must not be spent on a question that shows it to nobody.
    exposeHeadRoutes: false,
    // Paths that cannot be decoded; Fastify would answer them in a form of its own.
    frameworkErrors: fail,
    clientErrorHandler: (error, socket) => refuseMalformed(error, socket, limits),
  })
  Object.assign(app.server, connectionLimit(limits.maxConnections))
  app.setErrorHandler(fail)
  // Bodies stay text until a handler asks: Fastify would close the connection over broken JSON.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, text, done) => done(null, text))
  return app
}

function behind(gate: Gate, { method, path, handle }: Route): Route {
  return {
    method,
    path,
    handle: (call) => {
      gate.enter()
      return handle(call)
    },
  }
}
