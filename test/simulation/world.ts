import { parseTagName } from '../../internal/domain/entity/tag.ts'
import type { Clock } from '../../pkg/clock/clock.ts'
import { aTag } from '../support/a-tag.ts'
import { Dice } from './dice.ts'
import { Findings } from './findings.ts'
import { Fleet } from './fleet.ts'
import { Host } from './host.ts'
import { drawPlan, type Plan } from './plan.ts'
import { SnowflakeRules } from './snowflake-rules.ts'
import { Tally } from './tally.ts'
import { Traffic } from './traffic.ts'
import { Verifier } from './verifier.ts'
import { WorkerStore } from './worker-store.ts'

/** All there is. */
export interface World {
  readonly plan: Plan
  /** The true time. */
  readonly time: Clock
  readonly dice: Dice
  readonly hosts: readonly Host[]
  readonly store: WorkerStore
  readonly fleet: Fleet
  readonly verifier: Verifier
  readonly faults: Tally
  readonly findings: Findings
  /** Whether things go wrong at present. */
  isStormy: boolean
  /** Whether callers come at present. */
  isOpen: boolean
}

const TAGS = ['a', 'b', 'c']
/** In a storm something goes wrong with this share of all questions to the store. */
const ROUGHNESS = 0.15

/** @param time The true time, as which the world begins. */
export function createWorld(seed: number, time: Clock): World {
  const dice = new Dice(seed)
  const plan = drawPlan(dice)
  const { layout, biasesMs } = plan
  const [faults, findings] = [new Tally(), new Findings()]
  const rules = new SnowflakeRules(layout, findings)
  const verifier = new Verifier(time, findings, (id) => rules.describe(id))
  const tags = TAGS.map((name) => aTag({ name: parseTagName(name), mode: 'snowflake', layout }))
  const hosts = biasesMs.map((biasMs, n) => new Host(`host ${n}`, time, biasMs))
  const store = new WorkerStore(time)
  const isOpen = () => world.isOpen
  const traffic = new Traffic({ ...plan, tags, time, dice, verifier, rules, isOpen })
  const fleet = new Fleet({
    ...{ plan, hosts, store, time, dice, faults },
    roughness: () => (world.isStormy ? ROUGHNESS : 0),
    onStart: (instance) => traffic.start(instance),
  })
  const world: World = {
    ...{ plan, time, dice, hosts, store, fleet, verifier, faults, findings },
    isStormy: true,
    isOpen: true,
  }
  return world
}
