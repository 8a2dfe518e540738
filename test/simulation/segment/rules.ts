import type { ErrorCode } from '../../../pkg/errors/error-code.ts'
import type { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import type { Findings } from '../findings.ts'
import type { Rules } from '../traffic.ts'
import { type Call, type Reply, told } from '../verifier.ts'
import type { IdAccount } from './id-account.ts'
import type { SegmentInstance } from './instance.ts'
import type { LeaseBook } from './lease-book.ts'
import type { TagHistory } from './tag-history.ts'

const NEVER_MS = Number.POSITIVE_INFINITY

/** What the store may say of a tag itself. */
const VERDICTS: ReadonlySet<ErrorCode> = new Set([
  'TAG_NOT_FOUND',
  'TAG_FROZEN',
  'STORE_WENT_BACKWARDS',
  'TAG_EXHAUSTED',
  'TAG_OPTION_INVALID',
])
/** So old a verdict may be: it is remembered for 5 s, and it took two questions to the store at most. */
const VERDICT_MAX_MS = 9_000

export interface SegmentRulesOptions {
  readonly findings: Findings
  readonly book: LeaseBook
  readonly account: IdAccount
  readonly history: TagHistory
}

/** What holds for the ids of segment tags besides. */
export class SegmentRules implements Rules<SegmentInstance> {
  readonly #findings: Findings
  readonly #book: LeaseBook
  readonly #account: IdAccount
  readonly #history: TagHistory

  constructor({ findings, book, account, history }: SegmentRulesOptions) {
    this.#findings = findings
    this.#account = account
    this.#book = book
    this.#history = history
  }

  check(reply: Reply<SegmentInstance>): void {
    this.#account.gave(reply.call.tag, reply.ranges)
    for (const { first, last } of reply.ranges) {
      for (let id = first; id <= last; ) id = this.#check(id, last, reply) + 1n
    }
  }

  /** Nobody is told of a tag what was not so, as far as the instance could see. */
  checkRefusal({ instance, tag, begunMs }: Call<SegmentInstance>, { code }: GolovesError): void {
    if (!VERDICTS.has(code)) return
    const sinceMs = Math.max(this.#history.lastRefusable(tag, code), instance.process.wokenMs)
    if (begunMs - sinceMs <= VERDICT_MAX_MS) return
    this.#findings.add('refused without need', `${code} of ${tag} by ${instance.name}`)
  }

  /** Checks the ids from one on, as far as they were leased together. @returns The last one. */
  #check(id: bigint, last: bigint, reply: Reply<SegmentInstance>): bigint {
    const { instance, tag } = reply.call
    const holding = this.#book.holdingOf(instance.name, tag, id)
    if (holding === undefined) {
      this.#findings.add('not leased', `${id} of ${tag} ${told(reply)}`)
      return last
    }
    const end = holding.last < last ? holding.last : last
    if (end <= 0n) this.#findings.add('not leased', `${id} of ${tag} ${told(reply)}`)
    this.#checkAge(end, holding.atMs, reply)
    return end
  }

  /** What may not leave any more does not, as soon as the instance can know it. */
  #checkAge(id: bigint, leasedMs: number, reply: Reply<SegmentInstance>): void {
    const { instance, tag } = reply.call
    const turnMs = this.#history.turnAfter(tag, leasedMs)
    const voidMs = Math.min(turnMs ?? NEVER_MS, this.#history.forbiddenSince(tag, id) ?? NEVER_MS)
    const isTold = turnMs !== undefined && turnMs <= (instance.link.toldMs.get(tag) ?? -1)
    const knownMs = Math.max(voidMs, blindUntilMs(instance)) + instance.settleMs
    if (!isTold && reply.atMs <= knownMs) return
    const what = `${id} of ${tag}, leased at ${leasedMs} ms, void at ${voidMs} ms, ${told(reply)}`
    this.#findings.add('outlived', what)
  }
}

/** When the instance could not see the store as it is for the last time, of the true time. */
function blindUntilMs({ process, link }: SegmentInstance): number {
  return Math.max(process.wokenMs, link.blindMs)
}
