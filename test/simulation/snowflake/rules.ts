import type {
  SnowflakeLayout,
  SnowflakeParts,
} from '../../../internal/domain/entity/snowflake-layout.ts'
import type { ErrorCode } from '../../../pkg/errors/error-code.ts'
import type { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import type { Findings } from '../findings.ts'
import type { Rules } from '../traffic.ts'
import { type Call, type Reply, told } from '../verifier.ts'
import type { SnowflakeInstance } from './instance.ts'

const CODES_WITHOUT_WORKER: ReadonlySet<ErrorCode> = new Set([
  'STORE_UNAVAILABLE',
  'WORKER_LEASE_LOST',
  'WORKER_POOL_EXHAUSTED',
])

/** What holds for the ids of snowflake tags besides. */
export class SnowflakeRules implements Rules<SnowflakeInstance> {
  readonly #layout: SnowflakeLayout
  readonly #findings: Findings
  /** The tick that an instance still gives ids of after its lease has ended, by instance and tag. */
  readonly #leftOvers = new Map<string, number>()

  constructor(layout: SnowflakeLayout, findings: Findings) {
    this.#layout = layout
    this.#findings = findings
  }

  check(reply: Reply<SnowflakeInstance>): void {
    for (const { first, last } of reply.ranges) {
      this.#checkId(first, reply)
      this.#checkId(last, reply)
    }
    this.#checkLease(reply)
  }

  /** Who has a worker id does not tell callers that it has none. */
  checkRefusal(
    { instance, begun, begunMs }: Call<SnowflakeInstance>,
    { code }: GolovesError,
  ): void {
    if (!CODES_WITHOUT_WORKER.has(code)) return
    const { host } = instance.process
    const first = this.#layout.tickAt(host.nowMs())
    const last = this.#layout.tickAt(Math.max(begun.wallMs, host.highestMs(begunMs)))
    if (!instance.link.grants.covers(first, last, host.monotonicMs())) return
    this.#findings.add('refused without need', `${code} by ${instance.name} at tick ${first}`)
  }

  #checkId(id: bigint, reply: Reply<SnowflakeInstance>): void {
    const { call, at } = reply
    const parts = this.#partsOf(id, reply)
    if (parts === undefined) return
    const { tick, worker } = parts
    const { host } = call.instance.process
    const highestMs = Math.max(call.begun.wallMs, at.wallMs, host.highestMs(call.begunMs))
    if (tick > this.#layout.tickAt(highestMs)) {
      this.#findings.add('ahead of the clock', `${this.describe(id)} ${told(reply)}`)
    }
    if (!call.instance.link.grants.allows(worker, tick)) {
      this.#findings.add('tick not granted', `${this.describe(id)} ${told(reply)}`)
    }
  }

  /** Once its lease is over, an instance uses up the tick it is in, and no other. */
  #checkLease(reply: Reply<SnowflakeInstance>): void {
    const { instance, tag } = reply.call
    const last = reply.ranges.at(-1)?.last ?? 0n
    const parts = this.#partsOf(last, reply)
    if (parts === undefined) return
    const key = `${instance.name}/${tag}`
    if (instance.link.grants.lasts(parts.worker, reply.at.monotonicMs)) {
      this.#leftOvers.delete(key)
      return
    }
    const leftOver = this.#leftOvers.get(key) ?? parts.tick
    this.#leftOvers.set(key, leftOver)
    if (parts.tick === leftOver) return
    this.#findings.add('lease over', `${this.describe(last)} ${told(reply)}`)
  }

  /** What stands in an id. */
  describe(id: bigint): string {
    const { tick, worker, sequence } = this.#layout.unpack(id)
    return `worker ${worker}, tick ${tick}, sequence ${sequence}`
  }

  #partsOf(id: bigint, reply: Reply<SnowflakeInstance>): SnowflakeParts | undefined {
    try {
      return this.#layout.unpack(id)
    } catch {
      this.#findings.add('no id of the layout', `${id} ${told(reply)}`)
      return undefined
    }
  }
}
