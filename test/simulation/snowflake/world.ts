import { parseTagName } from '../../../internal/domain/entity/tag.ts'
import type { Clock } from '../../../pkg/clock/clock.ts'
import type { ErrorCode } from '../../../pkg/errors/error-code.ts'
import { Dice } from '../dice.ts'
import { Findings } from '../findings.ts'
import { Fleet } from '../fleet.ts'
import { Host } from '../host.ts'
import { every } from '../storm.ts'
import { Tally } from '../tally.ts'
import { Traffic } from '../traffic.ts'
import { Verifier } from '../verifier.ts'
import type { World } from '../world.ts'
import { SnowflakeInstance } from './instance.ts'
import { drawPlan, type Plan } from './plan.ts'
import { SnowflakeRules } from './rules.ts'
import { calmDown, strikes } from './weather.ts'
import { WorkerLink } from './worker-link.ts'
import { WorkerStore } from './worker-store.ts'

const TAGS = ['a', 'b', 'c'].map(parseTagName)
/** In a storm something goes wrong with this share of all questions to the store. */
const ROUGHNESS = 0.15
/** How often a fault comes, on average, and a clean stop of an instance. */
const STRIKE_GAP_MS = 500
const STOP_GAP_MS = 1_000
/** Within this time, clocks that were as far apart as they may be get to the same moment. */
const SKEW_MS = 24_000
/** So long nobody uses a pool whose table was emptied. */
const NEW_POOL_MS = 64_000
const QUESTIONS_PER_SECOND_MAX = 20
const BIAS_MAX_MS = 2_000
const CODES: ReadonlySet<ErrorCode> = new Set([
  'STORE_UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'OVERLOADED',
  'SHUTTING_DOWN',
  'CLOCK_MOVED_BACKWARDS',
  'WORKER_LEASE_LOST',
  'WORKER_POOL_EXHAUSTED',
])

/** Instances with snowflake tags, on hosts with bad clocks. */
export class SnowflakeWorld implements World {
  readonly plan: Plan
  readonly time: Clock
  readonly dice: Dice
  readonly hosts: readonly Host[]
  readonly store: WorkerStore
  readonly fleet: Fleet<SnowflakeInstance>
  readonly faults = new Tally()
  readonly findings = new Findings()
  isStormy = true
  isOpen = true
  readonly #verifier: Verifier<SnowflakeInstance>

  /** @param time The true time, as which the world begins. */
  constructor(seed: number, time: Clock) {
    const dice = new Dice(seed)
    const plan = drawPlan(dice)
    const { findings, faults } = this
    const rules = new SnowflakeRules(plan.layout, findings)
    const describe = (id: bigint) => `${id} (${rules.describe(id)})`
    const verifier = new Verifier<SnowflakeInstance>({ time, findings, codes: CODES, describe })
    const isOpen = () => this.isOpen
    const traffic = new Traffic({ ...plan, tags: TAGS, time, dice, verifier, rules, isOpen })
    const hosts = plan.biasesMs.map((biasMs, n) => new Host(`host ${n}`, time, biasMs))
    const store = new WorkerStore(time)
    const roughness = () => (this.isStormy ? ROUGHNESS : 0)
    this.plan = plan
    this.time = time
    this.dice = dice
    this.hosts = hosts
    this.store = store
    this.#verifier = verifier
    this.fleet = new Fleet({
      hosts: plan.slots.map(({ host }) => hosts[host]).filter((host) => host !== undefined),
      time,
      dice,
      create: (base) =>
        new SnowflakeInstance({
          ...{ ...base, ...plan, dice, fixedWorker: plan.slots[base.slot]?.fixedWorker },
          link: new WorkerLink(store, { process: base.process, time, dice, faults, roughness }),
        }),
      onStart: (instance) => traffic.start(instance),
    })
  }

  get ids(): number {
    return this.#verifier.ids
  }

  get instances(): readonly SnowflakeInstance[] {
    return this.fleet.instances
  }

  get calmMs(): number {
    return 2 * this.plan.lifeMs + (this.plan.isEmptied ? NEW_POOL_MS : SKEW_MS)
  }

  begin(): void {
    const { dice, faults, fleet } = this
    const all = strikes(this.plan)
    every(this, STRIKE_GAP_MS, () => {
      const [kind, strike] = dice.pick(all)
      faults.add(kind)
      strike(this)
    })
    every(this, STOP_GAP_MS, () => fleet.stop(dice.pick(fleet.instances)))
  }

  calmDown(): void {
    calmDown(this)
  }

  /** After two lives of a lease without faults, every worker id is in use, as far as there are instances. */
  findIdle(sinceMs: number): void {
    const { plan, fleet, findings } = this
    const able = fleet.instances.filter(
      ({ process }) => Math.abs(process.host.biasMs) < BIAS_MAX_MS,
    )
    const fixed = new Set(able.map(({ slot }) => plan.slots[slot]?.fixedWorker))
    const most = fixed.has(undefined) ? plan.layout.workers : fixed.size
    const busy = able.filter((instance) => this.#verifier.hasGiven(instance, sinceMs))
    if (busy.length >= Math.min(most, able.length)) return
    findings.add('no ids', `${busy.length} of ${able.length} instances, ${most} worker ids`)
  }

  end(): void {
    this.#verifier.end(this.fleet.all, QUESTIONS_PER_SECOND_MAX)
    this.#findOverlaps()
  }

  /** No tick of a worker id is granted to two holders, unless somebody has emptied the table. */
  #findOverlaps(): void {
    const { plan, fleet, findings } = this
    if (plan.isEmptied) return
    const granted = fleet.all
      .flatMap(({ link }) => link.grants.grants)
      .filter(({ first, last }) => first <= last)
      .sort((one, other) => one.worker - other.worker || one.first - other.first)
    for (const [index, { owner, worker, first, last }] of granted.entries()) {
      const next = granted[index + 1]
      if (next === undefined || next.worker !== worker || next.first > last) continue
      const what = `worker ${worker}, ${first} to ${last} to ${owner}, ${next.first} on to ${next.owner}`
      findings.add('tick granted twice', what)
    }
  }
}
