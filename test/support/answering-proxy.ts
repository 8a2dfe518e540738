import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { listening } from './listening.ts'

/** Stands between clients and a MySQL server on this machine, and answers some questions itself. */
export class AnsweringProxy {
  /** `host:port` */
  readonly host: string
  readonly #server: Server
  readonly #targetPort: number
  readonly #clients = new Set<Socket>()
  #phrase = ''
  #answers: Buffer[] = []
  #greetings: Buffer[] = []
  #accepted = 0

  private constructor(server: Server, targetPort: number, port: number) {
    this.host = `127.0.0.1:${port}`
    this.#server = server
    this.#targetPort = targetPort
  }

  /** Listens on a free port and passes on to `targetPort` what it does not answer. */
  static async to(targetPort: number): Promise<AnsweringProxy> {
    const server = createServer()
    const proxy = new AnsweringProxy(server, targetPort, await listening(server))
    server.on('connection', (client) => proxy.#accept(client))
    return proxy
  }

  /** How many connections there have been. */
  get accepted(): number {
    return this.#accepted
  }

  get open(): number {
    return this.#clients.size
  }

  /** Each of the next questions with `phrase` in it gets one of these answers and is never asked. */
  answer(phrase: string, ...answers: Buffer[]): void {
    this.#phrase = phrase
    this.#answers = answers
  }

  /** Each of the next connections is greeted with one of these, instead of by the server. */
  greet(...greetings: Buffer[]): void {
    this.#greetings = greetings
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #accept(client: Socket): void {
    this.#accepted += 1
    this.#clients.add(client)
    client.on('error', () => {}).on('close', () => this.#clients.delete(client))
    const greeting = this.#greetings.shift()
    if (greeting === undefined) this.#connect(client)
    else client.resume().write(greeting)
  }

  #connect(client: Socket): void {
    const server = connect(this.#targetPort, '127.0.0.1')
    server.on('error', () => {}).on('close', () => client.destroy())
    client.on('close', () => server.destroy())
    server.on('data', (bytes) => client.write(bytes))
    client.on('data', (bytes) => {
      const answer = bytes.includes(this.#phrase) ? this.#answers.shift() : undefined
      if (answer === undefined) server.write(bytes)
      else client.write(answer)
    })
  }
}

/** The packet by which a MySQL server reports an error; `sequence` is 0 where it is the greeting. */
export function errorPacket(errno: number, sequence = 1): Buffer {
  const text = Buffer.from(`#HY000error ${errno}`)
  const packet = Buffer.alloc(7 + text.length)
  packet.writeUIntLE(3 + text.length, 0, 3)
  packet.writeUInt8(sequence, 3)
  packet.writeUInt8(0xff, 4)
  packet.writeUInt16LE(errno, 5)
  text.copy(packet, 7)
  return packet
}
