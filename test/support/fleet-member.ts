import { FaultProxy } from './fault-proxy.ts'
import { Load } from './load.ts'
import type { Ended } from './program.ts'
import { type RunningService, serveReady } from './running-service.ts'

/** One process of a fleet, from its start to its end, and its callers. */
export interface Life {
  readonly service: RunningService
  readonly load: Load
  /** How it ended and what it said, once it has. */
  ended?: Ended
}

export interface FleetOptions {
  /** Of the store that all members share. */
  readonly url: string
  readonly tags: readonly string[]
  readonly args: readonly string[]
  /** For how many ids a call asks at most. */
  readonly countMax: number
}

/** A service under load, behind a network of its own, that ends and begins again. */
export class FleetMember {
  readonly proxy: FaultProxy
  readonly lives: Life[] = []
  readonly #options: FleetOptions

  private constructor(proxy: FaultProxy, options: FleetOptions) {
    this.proxy = proxy
    this.#options = options
  }

  static async start(options: FleetOptions): Promise<FleetMember> {
    const proxy = await FaultProxy.to(options.url)
    const member = new FleetMember(proxy, options)
    await member.begin()
    return member
  }

  /** Begins a life, and waits until it is ready. */
  async begin(): Promise<void> {
    const { args, tags, countMax } = this.#options
    const service = await serveReady([...args, '--store-url', this.proxy.url])
    const port = Number(service.grpcAddress.split(':').at(-1))
    this.lives.push({ service, load: new Load(port, tags, countMax) })
  }

  /** Ends the present life by a signal, and waits for the last answers of its callers. */
  async end(signal: NodeJS.Signals): Promise<Ended> {
    const { life } = this
    life.ended = await life.service.stop(signal)
    await life.load.stop()
    return life.ended
  }

  /** The present life, or the last one. */
  get life(): Life {
    const life = this.lives.at(-1)
    if (life === undefined) throw new Error('It has not begun.')
    return life
  }

  async close(): Promise<void> {
    await this.end('SIGKILL')
    await this.proxy.close()
  }
}
