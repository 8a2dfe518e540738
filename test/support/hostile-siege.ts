import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from '@jest/globals'
import { PACKAGE_ROOT } from '../../cmd/idgen/package-root.ts'
import { eventually } from './eventually.ts'
import { type RunningService, serveReady } from './running-service.ts'

const PROBE = join(PACKAGE_ROOT, 'test', 'support', 'hostile-probe.ts')
/** Little, so that a service that holds on to what it is sent does not live. */
const HEAP_MB = 256
const PAUSE_MS = 5
const DEADLINE_MS = 10_000

/** A running service that is attacked, while somebody else goes on asking it for ids. */
export class Siege {
  readonly service: RunningService
  readonly #startMb: number

  private constructor(service: RunningService, startMb: number) {
    this.service = service
    this.#startMb = startMb
  }

  /** @param args Settings of the service as flags. */
  static async of(...args: readonly string[]): Promise<Siege> {
    const NODE_OPTIONS = `--max-old-space-size=${HEAP_MB} --import ${PROBE}`
    const service = await serveReady(args, { env: { NODE_OPTIONS } })
    await service.program.said(/memory \d+/)
    return new Siege(service, Math.max(...memoryOf(service)))
  }

  /**
   * Attacks. Meanwhile a well-behaved caller asks over both transports all the time, and must be
   * answered each time; afterwards a new caller must be. Says how that went.
   *
   * @param mostMb How much memory the service may have had at any time, beyond that at its start.
   * @param tags Those that the caller asks for, one after the other and then from the first again.
   */
  async withstand(
    { mostMb, tags = ['order-service'] }: { readonly mostMb: number; readonly tags?: string[] },
    attack: () => Promise<unknown>,
  ): Promise<void> {
    const bystander = new Bystander(this.service, tags)
    // So that it is connected before there is no more room.
    await bystander.askOnce()
    const known = memoryOf(this.service).length
    bystander.start()
    try {
      await attack()
    } finally {
      await bystander.stop()
    }
    await eventually(
      () => this.#askAnew(tags[0]),
      (status) => status === 200,
    )
    const since = async () => memoryOf(this.service).slice(known)
    const figures = await eventually(since, ({ length }) => length > 0)
    const grownMb = Math.max(...figures) - this.#startMb
    const { calls, worstMs } = bystander
    const name = expect.getState().currentTestName
    process.stdout.write(
      `${name}: ${calls} other calls, the slowest ${worstMs.toFixed()} ms; ${grownMb} MB more\n`,
    )
    // More than the first two, before the attack.
    expect(calls).toBeGreaterThan(2)
    expect(grownMb).toBeLessThan(mostMb)
  }

  /** The status that a new caller is answered with; 0 if it is not. */
  async #askAnew(tag = ''): Promise<number> {
    const url = `http://${this.service.httpAddress}/v1/tags/${tag}:nextId`
    const call = fetch(url, { method: 'POST', headers: { connection: 'close' } })
    return await call.then(({ status }) => status).catch(() => 0)
  }
}

/** Asks for one id after the other, over both transports in turn, always on the same connections. */
class Bystander {
  calls = 0
  worstMs = 0
  readonly #service: RunningService
  readonly #tags: readonly string[]
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  readonly #over = new AbortController()
  #running = Promise.resolve()

  constructor(service: RunningService, tags: readonly string[]) {
    this.#service = service
    this.#tags = tags
  }

  /** @throws Error if it is not answered with ids. */
  async askOnce(): Promise<void> {
    await this.#time((tag) => this.#service.nextIdByGrpc(tag, DEADLINE_MS))
    await this.#time((tag) => this.#askByHttp(tag))
  }

  start(): void {
    this.#running = this.#run()
    // Whatever goes wrong is said by `stop`.
    this.#running.catch(() => {})
  }

  /** @throws Error if a call was not answered with an id. */
  async stop(): Promise<void> {
    this.#over.abort()
    await this.#running.finally(() => this.#agent.destroy())
  }

  async #run(): Promise<void> {
    do {
      await this.askOnce()
      await pause(PAUSE_MS)
    } while (!this.#over.signal.aborted)
  }

  async #askByHttp(tag: string): Promise<void> {
    const url = `http://${this.#service.httpAddress}/v1/tags/${tag}:nextId`
    const headers = { 'request-timeout-ms': String(DEADLINE_MS) }
    const options = { method: 'POST', headers, agent: this.#agent, timeout: DEADLINE_MS }
    const call = request(url, options).end()
    call.once('timeout', () => call.destroy(new Error('Nobody answered.')))
    const [response]: IncomingMessage[] = await once(call, 'response')
    if (response === undefined) throw new Error('There is no response.')
    const answer = await text(response)
    if (response.statusCode !== 200) throw new Error(answer)
  }

  async #time(ask: (tag: string) => Promise<unknown>): Promise<void> {
    const tag = this.#tags[this.calls % this.#tags.length] ?? ''
    const startMs = performance.now()
    await ask(tag)
    this.calls += 1
    this.worstMs = Math.max(this.worstMs, performance.now() - startMs)
  }
}

/** How much memory the service said it had, in MB, from its start on. */
function memoryOf({ program }: RunningService): number[] {
  const figures = program.logged().flatMap((line) => /^memory (\d+)$/.exec(line)?.[1] ?? [])
  return figures.map(Number)
}
