import { connect, type Socket } from 'node:net'
import { setImmediate as immediate, setTimeout as pause } from 'node:timers/promises'

const TEXT_MAX = 4_000_000
const PATIENCE_MS = 1000
/** After how many writes the others in this process have their turn. */
const TURN = 50

/** One connection on which any bytes can be sent, whatever the other side makes of them. */
export class HostileConnection {
  /** Resolves when the other side has closed it, or it was left. */
  readonly closed: Promise<void>
  /** The beginning of what came back, a character for each byte. */
  text = ''
  readonly #socket: Socket

  private constructor(socket: Socket) {
    this.#socket = socket
    // A reset is one of the ways in which the other side closes it.
    socket.on('error', () => {})
    socket.setEncoding('latin1').on('data', (text: string) => {
      if (this.text.length < TEXT_MAX) this.text += text
    })
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()))
  }

  /** @param address `host:port`. @param first What is sent as soon as it is open. */
  static async to(address: string, first?: string | Buffer): Promise<HostileConnection> {
    const { hostname, port } = new URL(`http://${address}`)
    const socket = connect(Number(port), hostname)
    const connection = new HostileConnection(socket)
    await Promise.race([event(socket, 'connect'), connection.closed])
    if (first !== undefined) connection.send(first)
    return connection
  }

  /** Many at once, a hundred at a time, each with the same first bytes. */
  static async crowd(address: string, count: number, first?: string | Buffer) {
    const crowd: HostileConnection[] = []
    while (crowd.length < count) {
      const size = Math.min(100, count - crowd.length)
      const some = Array.from({ length: size }, () => HostileConnection.to(address, first))
      crowd.push(...(await Promise.all(some)))
    }
    return crowd
  }

  get isClosed(): boolean {
    return this.#socket.closed
  }

  send(bytes: string | Buffer): void {
    if (!this.#socket.destroyed) this.#socket.write(bytes, 'latin1')
  }

  /** Sends what `make` makes of 0, 1, … until the other side closes it, or takes no more for a second. */
  async flood(count: number, make: (index: number) => string | Buffer): Promise<void> {
    for (let index = 0; index < count && !this.#socket.destroyed; index++) {
      if (index % TURN === 0) await immediate()
      if (this.#socket.write(make(index), 'latin1')) continue
      const over = Promise.race([this.closed, pause(PATIENCE_MS)]).then(() => true)
      if (await Promise.race([event(this.#socket, 'drain'), over])) return
    }
  }

  /** Reads nothing from now on. */
  deafen(): this {
    this.#socket.pause()
    return this
  }

  /** Reads again. */
  hear(): void {
    this.#socket.resume()
  }

  /** Waits until more has come back. @throws Error if the other side closes it instead. */
  async news(): Promise<void> {
    await Promise.race([event(this.#socket, 'data'), this.closed])
    if (this.isClosed) throw new Error('The connection was closed.')
  }

  leave(): void {
    this.#socket.destroy()
  }
}

/** Unlike `once` of node:events, a fault of the connection does not matter to it. */
function event(socket: Socket, name: 'connect' | 'data' | 'drain'): Promise<void> {
  return new Promise((resolve) => socket.once(name, () => resolve()))
}
