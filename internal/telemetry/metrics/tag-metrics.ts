import type { Clock } from '../../../pkg/clock/clock.ts'
import { higherOf, sizeOf } from '../../domain/entity/id-range.ts'
import { MAX_ID, type TagName } from '../../domain/entity/tag.ts'
import type { GeneratorRegistry } from '../../domain/generator/generator-registry.ts'
import type { GeneratorState } from '../../domain/generator/generator-state.ts'
import type { IdGenerator } from '../../domain/generator/id-generator.ts'
import { counter, type Family, gauge, type Sample } from './family.ts'

/** So many tags have series of their own; all others share one label, which is no tag's name. */
export const TAGS_SHOWN_MAX = 300
/** So many are looked at in one turn of the event loop, so that a scrape holds up no caller. */
const TAGS_PER_TURN = 1000
export const OTHER_TAGS = '_other'

/** What is reckoned up of one tag, or of all that have no series of their own. */
interface Reckoned {
  idsPerSecond: number
  idsReady: number
  secondsLeft: number
  isFailing: boolean
  /** Of segment tags. */
  limits: readonly LimitUse[] | undefined
  /** Where it is one tag. */
  step: number | undefined
  lastLease: number | undefined
}

type LiveTags = Pick<GeneratorRegistry, 'generators' | 'live'>

interface LimitUse {
  readonly limit: string
  readonly usedRatio: number
  readonly left: number
}

/**
 * The metrics that are told tag by tag.
 *
 * A tag gets series of its own when it is live at a scrape and there is room, and keeps them for as long
 * as it is live. An id is counted once, where its tag stands when it is counted: so each series only
 * rises, no id is counted twice when a tag comes or goes, and the sum of all series is exact while none
 * goes. Names that do not exist never get here, since no generator is made for them.
 */
export class TagMetrics {
  /** How many ids were counted of each live tag. */
  readonly #counted = new Map<TagName, bigint>()
  /** How many of them under the tag's own name. */
  readonly #issued = new Map<TagName, bigint>()
  #issuedByOthers = 0n

  /** A tag is not live any more: its series end, and what was not counted yet is counted among the others. */
  retire(tag: TagName, givenOut: bigint): void {
    this.#issued.delete(tag)
    this.#count(tag, givenOut)
    this.#counted.delete(tag)
  }

  /** What there is to tell of all live tags. */
  async families(registry: LiveTags, clock: Clock): Promise<Family[]> {
    // The busiest get what room there is.
    const live = [...registry.generators].reverse()
    const reckoned = new Map<string, Reckoned>()
    for (const [index, generator] of live.entries()) {
      if (index % TAGS_PER_TURN === TAGS_PER_TURN - 1) await clock.nextTurn()
      const { name } = generator.tag
      // Else it was retired meanwhile, and its ids are counted.
      if (registry.live(name) === generator) this.#add(generator, reckoned)
    }
    return [this.#issuedTotal(), ...familiesOf(reckoned), liveTags(live)]
  }

  #add(generator: IdGenerator, reckoned: Map<string, Reckoned>): void {
    const { name } = generator.tag
    const isShown = this.#issued.has(name) || this.#issued.size < TAGS_SHOWN_MAX
    if (isShown && !this.#issued.has(name)) this.#issued.set(name, 0n)
    this.#count(name, generator.givenOut)
    const own = reckon(generator)
    const label = isShown ? name : OTHER_TAGS
    const others = reckoned.get(label)
    reckoned.set(label, others === undefined ? own : together(others, own))
  }

  #count(tag: TagName, givenOut: bigint): void {
    const more = givenOut - (this.#counted.get(tag) ?? 0n)
    this.#counted.set(tag, givenOut)
    const issued = this.#issued.get(tag)
    if (issued === undefined) this.#issuedByOthers += more
    else this.#issued.set(tag, issued + more)
  }

  #issuedTotal(): Family {
    const shown = [...this.#issued].map(([tag, issued]) => ({
      labels: { tag },
      value: Number(issued),
    }))
    const others = { labels: { tag: OTHER_TAGS }, value: Number(this.#issuedByOthers) }
    return counter('goloves_ids_issued_total', 'Ids handed out.', [...shown, others])
  }
}

function liveTags(live: readonly IdGenerator[]): Family {
  const of = (mode: string) => live.filter(({ tag }) => tag.mode === mode).length
  return gauge(
    'goloves_tags_live',
    'Tags that this process hands out ids of.',
    ['segment', 'snowflake'].map((mode) => ({ labels: { mode }, value: of(mode) })),
  )
}

function reckon(generator: IdGenerator): Reckoned {
  const { tag } = generator
  const state = generator.state()
  const isSegment = tag.mode === 'segment'
  return {
    idsPerSecond: state.idsPerSecond,
    idsReady: Number(state.ranges.reduce((ids, range) => ids + sizeOf(range), 0n)),
    secondsLeft: state.secondsLeft ?? Number.POSITIVE_INFINITY,
    isFailing: state.lastError !== undefined,
    limits: isSegment ? limitsOf(tag.maxValue, highestOf(tag.maxId, state)) : undefined,
    step: isSegment ? tag.step : undefined,
    lastLease: state.lastLease && Number(sizeOf(state.lastLease.range)),
  }
}

/** The row is read every few seconds; what was leased since is known as well. */
function highestOf(maxId: bigint, { lastLease }: GeneratorState): bigint {
  return higherOf(maxId, lastLease?.range.last ?? 0n)
}

/** Where the ids of a tag end: for the service, for JavaScript's numbers, for 64 bits. */
function limitsOf(maxValue: bigint, highest: bigint): LimitUse[] {
  const limits = { max_value: maxValue, '2^53': 2n ** 53n - 1n, int64: MAX_ID }
  return Object.entries(limits).map(([limit, last]) => ({
    limit,
    usedRatio: Math.min(1, Number(highest) / Number(last)),
    left: Math.max(0, Number(last - highest)),
  }))
}

/** Of the others, what is told is the sum, or the one that is worst off. */
function together(one: Reckoned, other: Reckoned): Reckoned {
  return {
    idsPerSecond: one.idsPerSecond + other.idsPerSecond,
    idsReady: one.idsReady + other.idsReady,
    secondsLeft: Math.min(one.secondsLeft, other.secondsLeft),
    isFailing: one.isFailing || other.isFailing,
    limits: one.limits?.map((use, index) => worse(use, other.limits?.[index])) ?? other.limits,
    step: undefined,
    lastLease: undefined,
  }
}

function worse(one: LimitUse, other: LimitUse | undefined): LimitUse {
  return other !== undefined && other.usedRatio > one.usedRatio ? other : one
}

function familiesOf(reckoned: ReadonlyMap<string, Reckoned>): Family[] {
  const each = (value: (of: Reckoned) => number | undefined): Sample[] =>
    [...reckoned].flatMap(([tag, own]) => {
      const told = value(own)
      return told === undefined ? [] : [{ labels: { tag }, value: told }]
    })
  const eachLimit = (value: (use: LimitUse) => number): Sample[] =>
    [...reckoned].flatMap(([tag, { limits = [] }]) =>
      limits.map((use) => ({ labels: { tag, limit: use.limit }, value: value(use) })),
    )
  return [
    gauge(
      'goloves_tag_ids_per_second',
      'Ids asked for per second, as measured over the last minute or so.',
      each(({ idsPerSecond }) => idsPerSecond),
    ),
    gauge(
      'goloves_tag_ids_ready',
      'Ids in memory.',
      each(({ idsReady }) => idsReady),
    ),
    gauge(
      'goloves_tag_seconds_left',
      'How long it can go on without the store at the present rate; +Inf if nobody asks.',
      each(({ secondsLeft }) => secondsLeft),
    ),
    gauge(
      'goloves_tag_refill_failing',
      '1 if the last attempt to lease ids (of a snowflake tag, a worker id) failed.',
      each(({ isFailing }) => Number(isFailing)),
    ),
    gauge(
      'goloves_tag_step_ids',
      'How many ids one lease takes at least: the step in force.',
      each(({ step }) => step),
    ),
    gauge(
      'goloves_tag_last_lease_ids',
      'How many ids the last lease took.',
      each(({ lastLease }) => lastLease),
    ),
    gauge(
      'goloves_tag_used_ratio',
      'Share of the ids up to the limit that is leased: of max_value, of what a double holds, of 63 bits.',
      eachLimit(({ usedRatio }) => usedRatio),
    ),
    gauge(
      'goloves_tag_ids_left',
      'Ids from the highest one leased to the limit, by any instance.',
      eachLimit(({ left }) => left),
    ),
  ]
}
