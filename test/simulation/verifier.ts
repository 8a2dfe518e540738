import { type IdRange, sizeOf } from '../../internal/domain/entity/id-range.ts'
import type { Tag } from '../../internal/domain/entity/tag.ts'
import type { Clock } from '../../pkg/clock/clock.ts'
import type { ErrorCode } from '../../pkg/errors/error-code.ts'
import { GolovesError } from '../../pkg/errors/goloves-error.ts'
import type { Findings } from './findings.ts'
import type { Instance } from './instance.ts'
import type { Moment } from './process.ts'

/** A call that was made. */
export interface Call {
  readonly instance: Instance
  readonly tag: Tag
  readonly count: number
  /** On the monotonic clock of the instance. */
  readonly deadlineMs: number
  /** How much time the process had lost by then (`Process.lostMs`). */
  readonly lostMs: number
  /** Of the true time. */
  readonly begunMs: number
  /** What the instance's clocks said. */
  readonly begun: Moment
  /** The highest id of the tag that the instance had given by then. */
  readonly above: bigint
}

/** Ids that were given to a caller, at one moment. */
export interface Reply {
  readonly call: Call
  readonly ranges: readonly IdRange[]
  /** Of the true time. */
  readonly atMs: number
  /** What the instance's clocks said when the step began that ended the call. */
  readonly at: Moment
}

/** What a call may be refused with. */
const CODES: ReadonlySet<ErrorCode> = new Set([
  'STORE_UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'OVERLOADED',
  'SHUTTING_DOWN',
  'CLOCK_MOVED_BACKWARDS',
  'WORKER_LEASE_LOST',
  'WORKER_POOL_EXHAUSTED',
])
const ROUNDING_MS = 1e-3

/** Sees every call and every id, and notes what breaks a promise that holds in both modes. */
export class Verifier {
  /** How many ids were given. */
  ids = 0
  readonly #time: Clock
  readonly #findings: Findings
  readonly #describe: (id: bigint) => string
  /** Who was given an id, by tag. */
  readonly #given = new Map<string, Map<bigint, Reply>>()
  /** The highest id given, by instance and tag. */
  readonly #highest = new Map<string, bigint>()
  readonly #open = new Set<Call>()
  readonly #lastGivenMs = new Map<Instance, number>()

  /** @param time The true time. @param describe What stands in an id. */
  constructor(time: Clock, findings: Findings, describe: (id: bigint) => string) {
    this.#time = time
    this.#findings = findings
    this.#describe = describe
  }

  /** A caller asks for ids, within a step of the instance. */
  begin(instance: Instance, tag: Tag, count: number, patienceMs: number): Call {
    const begun = instance.process.moment()
    const call = {
      instance,
      tag,
      count,
      deadlineMs: begun.monotonicMs + patienceMs,
      lostMs: instance.process.lostMs,
      begunMs: this.#time.monotonicMs(),
      begun,
      above: this.#highest.get(keyOf(instance, tag)) ?? 0n,
    }
    this.#open.add(call)
    return call
  }

  gave(call: Call, ranges: readonly IdRange[]): Reply {
    this.#end(call)
    const at = call.instance.process.moment()
    const reply = { call, ranges, atMs: this.#time.monotonicMs(), at }
    let last = call.above
    let count = 0n
    for (const range of ranges) {
      if (range.first <= last || range.last < range.first) {
        this.#findings.add('out of order', `${range.first} after ${last} ${told(reply)}`)
      }
      last = range.last
      count += sizeOf(range)
      this.#note(range, reply)
    }
    if (count !== BigInt(call.count)) {
      this.#findings.add('wrong count', `${count} instead of ${call.count} ids ${told(reply)}`)
    }
    const key = keyOf(call.instance, call.tag)
    if (last > (this.#highest.get(key) ?? 0n)) this.#highest.set(key, last)
    this.#lastGivenMs.set(call.instance, reply.atMs)
    return reply
  }

  refused(call: Call, thrown: unknown): GolovesError {
    this.#end(call)
    const error = GolovesError.from(thrown)
    if (!CODES.has(error.code)) {
      const what = `${error.code} of ${call.instance.name}: ${String(error.cause)}`
      this.#findings.add('wrong code', what)
    }
    return error
  }

  /** Whether an instance has given ids since then, of the true time. */
  hasGiven(instance: Instance, sinceMs: number): boolean {
    return (this.#lastGivenMs.get(instance) ?? -1) >= sinceMs
  }

  /** At the end of all: nobody may still wait. */
  end(): void {
    for (const { instance, begunMs } of this.#open) {
      if (instance.process.isDead) continue
      const what = `a call to ${instance.name} at ${seconds(begunMs)}`
      this.#findings.add('never answered', what)
    }
  }

  #note(range: IdRange, reply: Reply): void {
    const { first, last, step = 1n } = range
    const { name } = reply.call.tag
    const given = this.#given.get(name) ?? new Map<bigint, Reply>()
    this.#given.set(name, given)
    for (let id = first; id <= last; id += step) {
      const earlier = given.get(id)
      if (earlier !== undefined) {
        const what = `${id} of ${name} (${this.#describe(id)}) ${told(earlier)} and ${told(reply)}`
        this.#findings.add('given twice', what)
      }
      given.set(id, reply)
    }
    this.ids += Number(sizeOf(range))
  }

  #end(call: Call): void {
    this.#open.delete(call)
    const { process, name } = call.instance
    // Who was stopped across the deadline answers when it wakes; who was stopped while it set an alarm
    // to the deadline, so much later.
    const lostMs = process.lostMs - call.lostMs
    const dueMs = Math.max(call.deadlineMs + lostMs, process.wokenMs)
    const lateMs = process.host.monotonicMs() - dueMs
    if (lateMs <= ROUNDING_MS) return
    this.#findings.add('late', `by ${lateMs} ms, a call to ${name} at ${seconds(call.begunMs)}`)
  }
}

/** Who gave ids, and when. */
export function told({ call: { instance }, atMs, at }: Reply): string {
  const clock = new Date(at.wallMs).toISOString()
  return `by ${instance.name} on ${instance.process.host.name} at ${seconds(atMs)} (its clock: ${clock})`
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(4)} s`
}

function keyOf({ name }: Instance, tag: Tag): string {
  return `${name}/${tag.name}`
}
