import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { listening } from './listening.ts'

/** What the network does to all that it carries at a time. */
interface Weather {
  delayMs: number
  /** Resolves when what is held may go on. */
  held: Promise<void> | undefined
}

/** How one direction of a connection is named by what it carries. */
export type Way = 'question' | 'reply'

/**
 * Stands between clients and a server, as a network that does everything but change
 * what it carries. What is held or delayed arrives later, also when its sender has gone meanwhile: a
 * server executes what nobody waits for any more.
 */
export class FaultProxy {
  readonly port: number
  /** The URL of the server, by way of this proxy. */
  readonly url: string
  readonly #server: Server
  readonly #target: { readonly host: string; readonly port: number }
  readonly #links = new Set<Link>()
  readonly #weather: Weather = { delayMs: 0, held: undefined }
  #release = (): void => {}
  #refusing = false
  #repliesUntilLoss = Number.POSITIVE_INFINITY
  #attempts = 0
  #open = 0
  #mostOpen = 0
  #packets = 0

  private constructor(server: Server, url: string, port: number) {
    const target = new URL(url)
    this.port = port
    this.#server = server
    this.#target = { host: target.hostname, port: Number(target.port || 3306) }
    this.url = Object.assign(target, { host: `127.0.0.1:${port}` }).href
  }

  /** Listens, on any free port unless told, and passes everything on to the host in `url`. */
  static async to(url: string, port = 0): Promise<FaultProxy> {
    const server = createServer({ allowHalfOpen: true })
    const proxy = new FaultProxy(server, url, await listening(server, port))
    server.on('connection', (client) => proxy.#accept(client))
    return proxy
  }

  /** How many connections were asked for, those that were refused included. */
  get attempts(): number {
    return this.#attempts
  }

  /** How many connections clients have open. */
  get open(): number {
    return this.#open
  }

  /** How many they had open at a time, at most. */
  get mostOpen(): number {
    return this.#mostOpen
  }

  /** How many packets clients have sent: one for each statement, and a few for each connection. */
  get packets(): number {
    return this.#packets
  }

  /** Everything takes so much longer, in each direction. */
  delay(ms: number): void {
    this.#weather.delayMs = ms
  }

  /** From now on nothing passes and no connection ends: all is held until `release`. */
  hang(): void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#weather.held = promise
    this.#release = resolve
  }

  /** What was held goes on, in its order. */
  release(): void {
    this.#weather.held = undefined
    this.#release()
  }

  /** Ends all connections, and each new one at once, until `accept`. */
  refuse(): void {
    this.#refusing = true
    this.cut()
  }

  accept(): void {
    this.#refusing = false
  }

  /** Ends all connections in the midst of whatever they carry. */
  cut(): void {
    for (const link of this.#links) link.cut()
  }

  /**
   * Each connection loses what it carries next that way, and everything after it, but stays open: the
   * question is never asked, or its reply never told.
   */
  lose(way: Way): void {
    for (const link of this.#links) link.lose(way)
  }

  /** The `nth` reply from now on is lost, and its connection with it. */
  loseReply(nth: number): void {
    this.#repliesUntilLoss = nth
  }

  async close(): Promise<void> {
    this.release()
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #accept(client: Socket): void {
    this.#attempts += 1
    if (this.#refusing) {
      client.on('error', () => {}).resetAndDestroy()
      return
    }
    this.#count(client)
    const server = connect({ ...this.#target, allowHalfOpen: true })
    const link = new Link(client, server, this.#weather)
    this.#links.add(link)
    server.on('data', () => {
      this.#repliesUntilLoss -= 1
      if (this.#repliesUntilLoss === 0) link.cut()
    })
    void link.ended.then(() => this.#links.delete(link))
  }

  #count(client: Socket): void {
    this.#open += 1
    this.#mostOpen = Math.max(this.#mostOpen, this.#open)
    client.on('data', () => {
      this.#packets += 1
    })
    // A client that has left says so by 'end', though what it said before may still be held.
    void Promise.race([new Promise((resolve) => client.once('end', resolve)), closed(client)]).then(
      () => {
        this.#open -= 1
      },
    )
  }
}

/** One connection, from end to end. */
class Link {
  readonly ended: Promise<unknown>
  readonly #sockets: readonly [client: Socket, server: Socket]
  readonly #lost = new Set<Way>()

  constructor(client: Socket, server: Socket, weather: Weather) {
    this.#sockets = [client, server]
    for (const socket of this.#sockets) socket.setNoDelay(true).on('error', () => socket.destroy())
    this.#carry('question', client, server, weather)
    this.#carry('reply', server, client, weather)
    this.ended = Promise.all([closed(client), closed(server)])
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  lose(way: Way): void {
    this.#lost.add(way)
  }

  #carry(way: Way, from: Socket, to: Socket, weather: Weather): void {
    let before = Promise.resolve()
    const later = (act: () => void) => {
      before = before.then(async () => {
        if (weather.delayMs > 0) await pause(weather.delayMs)
        while (weather.held !== undefined) await weather.held
        act()
      })
    }
    from.on('data', (bytes) => later(() => this.#lost.has(way) || to.write(bytes)))
    from.on('close', () => later(() => to.end().destroySoon()))
    from.on('end', () => later(() => to.end()))
  }
}

/** Unlike `once`, it does not reject when there is an error before. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve())
  })
}
