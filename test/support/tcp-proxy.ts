import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** Stands between a client and a server on this machine, and can play a broken network. */
export class TcpProxy {
  readonly #server: Server
  readonly #pairs = new Set<readonly [Socket, Socket]>()
  #frozen = false
  #repliesUntilLoss = Number.POSITIVE_INFINITY

  private constructor(server: Server) {
    this.#server = server
  }

  /** Listens on `port`, any free one unless given, and passes everything on to `targetPort`. */
  static async to(targetPort: number, port = 0): Promise<TcpProxy> {
    const server = createServer()
    const proxy = new TcpProxy(server)
    server.on('connection', (client) => proxy.#accept(client, targetPort))
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return proxy
  }

  get port(): number {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('it does not listen')
    return address.port
  }

  get connections(): number {
    return this.#pairs.size
  }

  /** From now on nothing passes, in either direction, and no connection ends. */
  freeze(): void {
    this.#frozen = true
  }

  thaw(): void {
    this.#frozen = false
  }

  /** The `nth` reply of the server from now on is lost, and its connection with it. */
  loseReply(nth: number): void {
    this.#repliesUntilLoss = nth
  }

  async close(): Promise<void> {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #accept(client: Socket, targetPort: number): void {
    const server = connect(targetPort, '127.0.0.1')
    const pair = [client, server] as const
    this.#pairs.add(pair)
    const end = () => {
      this.#pairs.delete(pair)
      for (const socket of pair) socket.destroy()
    }
    for (const socket of pair) socket.on('error', end).on('close', end)
    client.on('data', (bytes) => {
      if (!this.#frozen) server.write(bytes)
    })
    server.on('data', (bytes) => {
      this.#repliesUntilLoss -= 1
      if (this.#repliesUntilLoss === 0) end()
      else if (!this.#frozen) client.write(bytes)
    })
  }
}
