import { firstOf, type IdRange, sizeOf } from '../../internal/domain/entity/id-range.ts'
import type { TagName } from '../../internal/domain/entity/tag.ts'
import type { Clock } from '../../pkg/clock/clock.ts'
import type { ErrorCode } from '../../pkg/errors/error-code.ts'
import { GolovesError } from '../../pkg/errors/goloves-error.ts'
import type { Findings } from './findings.ts'
import type { Instance } from './instance.ts'
import type { Moment } from './process.ts'

/** A call that was made. */
export interface Call<I extends Instance = Instance> {
  /** Counts the calls. */
  readonly number: number
  readonly instance: I
  readonly tag: TagName
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
export interface Reply<I extends Instance = Instance> {
  readonly call: Call<I>
  readonly ranges: readonly IdRange[]
  /** Of the true time. */
  readonly atMs: number
  /** What the instance's clocks said when the step began that ended the call. */
  readonly at: Moment
}

const ROUNDING_MS = 1e-3
/** So many callers are compared with each other. */
const LATEST_MAX = 50

export interface VerifierOptions {
  /** The true time. */
  readonly time: Clock
  readonly findings: Findings
  /** What a call may be refused with. */
  readonly codes: ReadonlySet<ErrorCode>
  /** An id in words. */
  readonly describe: (id: bigint) => string
}

/** Sees every call and every id, and notes what breaks a promise that holds in both modes. */
export class Verifier<I extends Instance> {
  /** How many ids were given. */
  ids = 0
  #calls = 0
  readonly #time: Clock
  readonly #findings: Findings
  readonly #codes: ReadonlySet<ErrorCode>
  readonly #describe: (id: bigint) => string
  /** Who was given an id, by tag. */
  readonly #given = new Map<TagName, Map<bigint, Reply<I>>>()
  /** The highest id given, by instance and tag. */
  readonly #highest = new Map<string, bigint>()
  /** The last replies, by instance and tag. */
  readonly #latest = new Map<string, Reply<I>[]>()
  readonly #open = new Set<Call<I>>()
  readonly #lastGivenMs = new Map<string, number>()
  readonly #begunMs = new Map<string, number[]>()

  constructor({ time, findings, codes, describe }: VerifierOptions) {
    this.#time = time
    this.#findings = findings
    this.#codes = codes
    this.#describe = describe
  }

  /** A caller asks for ids, within a step of the instance. */
  begin(instance: I, tag: TagName, count: number, patienceMs: number): Call<I> {
    const begun = instance.process.moment()
    this.#calls += 1
    const call = {
      number: this.#calls,
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
    const key = keyOf(instance, tag)
    const earlier = this.#begunMs.get(key) ?? []
    earlier.push(call.begunMs)
    this.#begunMs.set(key, earlier)
    return call
  }

  gave(call: Call<I>, ranges: readonly IdRange[]): Reply<I> {
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
    this.#checkTurn(key, reply)
    if (last > (this.#highest.get(key) ?? 0n)) this.#highest.set(key, last)
    this.#lastGivenMs.set(call.instance.name, reply.atMs)
    this.#lastGivenMs.set(key, reply.atMs)
    return reply
  }

  refused(call: Call<I>, thrown: unknown): GolovesError {
    this.#end(call)
    const error = GolovesError.from(thrown)
    if (!this.#codes.has(error.code)) {
      const what = `${error.code} of ${call.instance.name}: ${String(error.cause)}`
      this.#findings.add('wrong code', what)
    }
    return error
  }

  /** How often an instance was asked for ids of a tag since then, of the true time. */
  callsOf(instance: I, sinceMs: number, tag: TagName): number {
    const begun = this.#begunMs.get(keyOf(instance, tag)) ?? []
    return begun.filter((ms) => ms >= sinceMs).length
  }

  /** Whether an instance has given ids since then, of the true time; of one tag, if that is given. */
  hasGiven(instance: I, sinceMs: number, tag?: TagName): boolean {
    const key = tag === undefined ? instance.name : keyOf(instance, tag)
    return (this.#lastGivenMs.get(key) ?? -1) >= sinceMs
  }

  /**
   * At the end of all: nobody may still wait, and no instance has asked the store more often than
   * `questionsMax` times in a second of its own accord.
   */
  end(instances: readonly I[], questionsMax: number): void {
    for (const { name, strainsMs } of instances) {
      const most = mostWithin(1_000, strainsMs)
      if (most > questionsMax) {
        this.#findings.add('too many questions', `${most} in a second from ${name}`)
      }
    }
    for (const { instance, begunMs } of this.#open) {
      if (instance.process.isDead) continue
      const what = `a call to ${instance.name} at ${seconds(begunMs)}`
      this.#findings.add('never answered', what)
    }
  }

  /** Of two callers, the first gets the lower ids, unless it wants more of them. */
  #checkTurn(key: string, reply: Reply<I>): void {
    const latest = this.#latest.get(key) ?? []
    for (const other of latest) {
      const [one, next] = other.call.number < reply.call.number ? [other, reply] : [reply, other]
      const isBefore = firstOf(one.ranges) < firstOf(next.ranges)
      if (isBefore || one.call.count > next.call.count) continue
      const what = `${firstOf(one.ranges)} ${told(one)}, later called ${firstOf(next.ranges)}`
      this.#findings.add('out of turn', what)
    }
    this.#latest.set(key, [...latest.slice(1 - LATEST_MAX), reply])
  }

  #note(range: IdRange, reply: Reply<I>): void {
    const { first, last, step = 1n } = range
    const { tag } = reply.call
    const given = this.#given.get(tag) ?? new Map<bigint, Reply<I>>()
    this.#given.set(tag, given)
    for (let id = first; id <= last; id += step) {
      const earlier = given.get(id)
      if (earlier !== undefined) {
        const what = `${this.#describe(id)} of ${tag} ${told(earlier)} and ${told(reply)}`
        this.#findings.add('given twice', what)
      }
      given.set(id, reply)
    }
    this.ids += Number(sizeOf(range))
  }

  #end(call: Call<I>): void {
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

function keyOf({ name }: Instance, tag: TagName): string {
  return `${name}/${tag}`
}

/** How many of some ascending moments lie within a span of so many milliseconds at most. */
function mostWithin(spanMs: number, moments: readonly number[]): number {
  let most = 0
  let from = 0
  for (const [index, moment] of moments.entries()) {
    while (moment - (moments[from] ?? moment) >= spanMs) from += 1
    most = Math.max(most, index - from + 1)
  }
  return most
}
