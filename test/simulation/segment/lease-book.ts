import { higherOf, type IdRange } from '../../../internal/domain/entity/id-range.ts'
import type { TagName } from '../../../internal/domain/entity/tag.ts'
import type { Rest } from '../../../internal/domain/generator/rest-repository.ts'
import type {
  SegmentLease,
  SegmentLeaseRequest,
} from '../../../internal/domain/generator/segment-repository.ts'
import type { Findings } from '../findings.ts'
import type { IdAccount } from './id-account.ts'
import type { TagHistory } from './tag-history.ts'

/** Ids that an instance may give, as the store has told it in time. */
export interface Holding extends IdRange {
  readonly instance: string
  /** When the store gave them, of the true time. */
  readonly atMs: number
}

/** A lease, or a rest, and when the store gave it. */
export interface DatedLease {
  readonly lease: SegmentLease
  readonly atMs: number
}

/** What an instance hears of a lease that it has asked for. */
type Outcome = 'leased' | 'no row' | 'failed'

interface Attempt {
  readonly generator: object | undefined
  readonly signal: AbortSignal
  /** When the first was asked for of those that failed in a row, of the true time. */
  readonly sinceMs: number
  isAwaited: boolean
  /** Whether this one has failed, or one before it and none has succeeded since. */
  hasFailed: boolean
}

/**
 * Which ids are in whose hands, noted on the wires between the instances and the store, so that nothing
 * an instance believes has a say in it.
 */
export class LeaseBook {
  readonly #findings: Findings
  readonly #account: IdAccount
  readonly #history: TagHistory
  readonly #holdings = new Map<TagName, Holding[]>()
  readonly #highest = new Map<TagName, bigint>()
  /** The last one, by instance and tag. */
  readonly #attempts = new Map<string, Attempt>()

  constructor(findings: Findings, account: IdAccount, history: TagHistory) {
    this.#findings = findings
    this.#history = history
    this.#account = account
  }

  /**
   * An instance asks for a lease.
   *
   * @param generator Who wants it.
   * @returns What to call when the instance hears of it, or gives it up.
   */
  asked(
    instance: string,
    { tag, size }: SegmentLeaseRequest,
    signal: AbortSignal,
    generator: object | undefined,
  ): (outcome: Outcome) => void {
    const key = `${instance}/${tag}`
    const last = this.#attempts.get(key)
    if (last?.isAwaited === true && !last.signal.aborted) {
      this.#findings.add('two leases at once', `by ${instance} of ${tag}`)
    }
    const isAfterFailure = last?.hasFailed === true && last.generator === generator
    const sinceMs = isAfterFailure ? last.sinceMs : this.#history.nowMs
    if (isAfterFailure && size > BigInt(this.#history.longestStep(tag, sinceMs))) {
      this.#findings.add('too many ids risked', `${size} after a failure by ${instance} of ${tag}`)
    }
    const attempt = { generator, signal, sinceMs, isAwaited: true, hasFailed: isAfterFailure }
    this.#attempts.set(key, attempt)
    return (outcome) => {
      attempt.isAwaited = false
      if (outcome !== 'no row') attempt.hasFailed = outcome === 'failed'
    }
  }

  /**
   * An instance hears in time that it may give ids; those below others that it had are of no use to it,
   * for they show that the store has lost something.
   */
  got(instance: string, tag: TagName, { lease: { offset, maxId }, atMs }: DatedLease): void {
    const holding = { instance, first: offset + 1n, last: maxId, atMs }
    const all = this.#of(tag)
    const isBehind = all.some((one) => one.instance === instance && one.last > offset)
    if (isBehind) return
    this.#account.heard(tag, { offset, maxId })
    const other = all.find((one) => one.instance !== instance && overlap(one, holding))
    if (other !== undefined) {
      this.#findings.add('held twice', `${told(holding)} and ${told(other)} of ${tag}`)
    }
    all.push(holding)
    this.#highest.set(tag, higherOf(this.highest(tag), maxId))
  }

  /** An instance says that it will not give these ids any more. */
  returned(instance: string, rests: readonly Rest[]): void {
    for (const { tag, range } of rests) {
      const all = this.#of(tag).flatMap((one) =>
        one.instance === instance ? without(one, range) : [one],
      )
      this.#holdings.set(tag, all)
    }
  }

  /** The highest id of the tag that an instance ever had. */
  highest(tag: TagName): bigint {
    return this.#highest.get(tag) ?? 0n
  }

  /** What the instance holds that has this id. */
  holdingOf(instance: string, tag: TagName, id: bigint): Holding | undefined {
    return this.#of(tag).findLast(
      (one) => one.instance === instance && one.first <= id && id <= one.last,
    )
  }

  #of(tag: TagName): Holding[] {
    const all = this.#holdings.get(tag) ?? []
    this.#holdings.set(tag, all)
    return all
  }
}

function overlap(one: IdRange, other: IdRange): boolean {
  return one.first <= other.last && other.first <= one.last
}

/** What is left of a holding below and above a range. */
function without(holding: Holding, { first, last }: IdRange): Holding[] {
  if (!overlap(holding, { first, last })) return [holding]
  const below = { ...holding, last: first - 1n }
  const above = { ...holding, first: last + 1n }
  return [below, above].filter((rest) => rest.first <= rest.last)
}

function told({ instance, first, last, atMs }: Holding): string {
  return `${first} to ${last} by ${instance} at ${(atMs / 1000).toFixed(3)} s`
}
