import { higherOf } from '../../../internal/domain/entity/id-range.ts'
import type { TagName } from '../../../internal/domain/entity/tag.ts'
import type { Clock } from '../../../pkg/clock/clock.ts'
import type { ErrorCode } from '../../../pkg/errors/error-code.ts'
import { Dice } from '../dice.ts'
import { Findings } from '../findings.ts'
import { Fleet } from '../fleet.ts'
import { Host } from '../host.ts'
import type { InstanceOptions } from '../instance.ts'
import { every } from '../storm.ts'
import { Tally } from '../tally.ts'
import { Traffic } from '../traffic.ts'
import { Verifier } from '../verifier.ts'
import type { World } from '../world.ts'
import { IdAccount, sum } from './id-account.ts'
import { SegmentInstance } from './instance.ts'
import { LeaseBook } from './lease-book.ts'
import { SegmentLink } from './link.ts'
import { Operator } from './operator.ts'
import { drawSegmentPlan, type SegmentPlan } from './plan.ts'
import { SegmentRules } from './rules.ts'
import { SegmentStore } from './store.ts'
import { TagHistory } from './tag-history.ts'
import { segmentStrikes } from './weather.ts'

/** In a storm something goes wrong with this share of all questions to the store. */
const ROUGHNESS = 0.1
/** How often a fault comes, on average, a clean stop of an instance, and somebody who mends a tag. */
const STRIKE_GAP_MS = 700
const STOP_GAP_MS = 3_000
const MEND_GAP_MS = 1_500
const SNAPSHOT_GAP_MS = 2_000
/** After the storm: until all tags are mended and all have heard of it. */
const CALM_MS = 30_000
const QUESTIONS_PER_SECOND_MAX = 60
/** Fewer callers than this may all have left before their time. */
const CALLS_MIN = 5
const CODES: ReadonlySet<ErrorCode> = new Set([
  'STORE_UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'OVERLOADED',
  'SHUTTING_DOWN',
  'TAG_NOT_FOUND',
  'TAG_FROZEN',
  'STORE_WENT_BACKWARDS',
  'TAG_EXHAUSTED',
  'TAG_OPTION_INVALID',
])

/** Instances with segment tags, on one store. */
export class SegmentWorld implements World {
  readonly plan: SegmentPlan
  readonly time: Clock
  readonly dice: Dice
  readonly store: SegmentStore
  readonly history: TagHistory
  readonly fleet: Fleet<SegmentInstance>
  readonly operator: Operator
  readonly faults = new Tally()
  readonly findings = new Findings()
  isStormy = true
  isOpen = true
  readonly calmMs = CALM_MS
  readonly #account = new IdAccount()
  readonly #book: LeaseBook
  readonly #verifier: Verifier<SegmentInstance>

  /** @param time The true time, as which the world begins. */
  constructor(seed: number, time: Clock) {
    const { findings } = this
    const dice = new Dice(seed)
    const plan = drawSegmentPlan(dice)
    const store = new SegmentStore(time)
    const names = plan.tags.map(({ name }) => name)
    const { tags } = store.open(store.tables, 'somebody')
    for (const tag of plan.tags) void tags.create(tag)
    const history = new TagHistory(store, names)
    const account = this.#account
    const book = new LeaseBook(findings, account, history)
    this.#book = book
    this.plan = plan
    this.time = time
    this.dice = dice
    this.store = store
    this.history = history
    this.#verifier = new Verifier({ time, findings, codes: CODES, describe: String })
    const traffic = new Traffic({
      ...{ ...plan, tags: names, time, dice, verifier: this.#verifier },
      rules: new SegmentRules({ findings, book, account, history }),
      isOpen: () => this.isOpen,
    })
    this.fleet = new Fleet({
      hosts: Array.from({ length: plan.instances }, (_, n) => new Host(`host ${n}`, time, 0)),
      time,
      dice,
      create: (base) => this.#create(base),
      onStart: (instance) => traffic.start(instance),
    })
    this.operator = new Operator({
      ...{ tags: plan.tags, store, history, dice },
      instances: () => this.instances,
    })
  }

  get ids(): number {
    return this.#verifier.ids
  }

  get instances(): readonly SegmentInstance[] {
    return this.fleet.instances
  }

  /** Whether ids were lost by the store, and only an instance knows it: it must not end now. */
  get isAtRisk(): boolean {
    return this.plan.tags.some(({ name }) => this.#lost(name))
  }

  begin(): void {
    const { dice, faults, fleet, operator, store } = this
    const all = segmentStrikes(this.plan)
    every(this, STRIKE_GAP_MS, () => {
      const [kind, strike] = dice.pick(all)
      if (strike(this)) faults.add(kind)
    })
    every(this, STOP_GAP_MS, () => {
      if (!this.isAtRisk) fleet.stop(dice.pick(fleet.instances))
    })
    every(this, MEND_GAP_MS, () => operator.mend())
    every(this, SNAPSHOT_GAP_MS, () => store.keepSnapshot())
  }

  calmDown(): void {
    const { store, time, operator } = this
    store.outage = 'none'
    for (const { process, link } of this.instances) {
      link.stale = undefined
      while (process.isStopped) process.wake()
    }
    for (let ms = 0; ms < CALM_MS / 2; ms += 1_000) time.after(ms, () => operator.mendAll())
  }

  findIdle(sinceMs: number): void {
    for (const { name } of this.plan.tags) {
      if (this.#lost(name)) this.findings.add('loss unnoticed', `of ${name}`)
      if (this.history.refusalOf(name) !== undefined) continue
      for (const instance of this.instances) {
        const calls = this.#verifier.callsOf(instance, sinceMs, name)
        if (calls < CALLS_MIN || this.#verifier.hasGiven(instance, sinceMs, name)) continue
        this.findings.add('no ids', `of ${name} from ${instance.name}`)
      }
    }
  }

  end(): void {
    this.#verifier.end(this.fleet.all, QUESTIONS_PER_SECOND_MAX)
    if (this.plan.restores === 'never') this.#findMissing()
  }

  /** `kill -9`. */
  kill(instance: SegmentInstance): void {
    for (const { name } of this.plan.tags) {
      if (!instance.process.isDead) this.#account.lost(name, instance.held(name))
    }
    this.fleet.kill(instance)
  }

  /** Ids are burnt by faults only, and by each no more than it can cost. */
  #findMissing(): void {
    const returned = [...this.store.tables.returned.values()]
    for (const { name } of this.plan.tags) {
      const free = returned.filter(({ tag, takenBy }) => tag === name && takenBy === undefined)
      const held = this.instances.reduce((ids, instance) => ids + instance.held(name), 0n)
      const remaining = held + sum(free.map(({ range }) => range))
      // A lease whose answer comes after the generation has changed is spent.
      const spared = this.history.turns(name) * this.plan.instances
      const missing = this.#account.missing(name, remaining, spared)
      if (missing > 0n) this.findings.add('ids burnt', `${missing} of ${name} without a reason`)
    }
  }

  #create(base: InstanceOptions): SegmentInstance {
    const { time, dice, faults, store, history, plan } = this
    const { name, process } = base
    const [book, account] = [this.#book, this.#account]
    const roughness = () => (this.isStormy ? ROUGHNESS : 0)
    const wire = { process, time, dice, faults, roughness }
    const link = new SegmentLink({ ...wire, store, history, book, account, instance: name })
    return new SegmentInstance({ ...base, link, plan, dice, account })
  }

  /** Whether an instance had ids of the tag of which the store knows nothing any more. */
  #lost(name: TagName): boolean {
    const row = this.store.tag(name)
    const above = row?.freeze?.reason === 'went-backwards' ? row.freeze.above : 0n
    const known = row?.maxId ?? this.store.tables.rows.get(name)?.deletedMaxId ?? 0n
    return this.#book.highest(name) > higherOf(above, known)
  }
}
