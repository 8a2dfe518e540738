import { ManualClock } from '../support/manual-clock.ts'
import type { Findings } from './findings.ts'
import type { Tally } from './tally.ts'
import { calmDown, strikes } from './weather.ts'
import { createWorld, type World } from './world.ts'

/** What became of a seed. */
export interface Run {
  readonly seed: number
  readonly ids: number
  readonly faults: Tally
  readonly findings: Findings
}

/** A storm lasts until it has seen so much, a spell at a time. */
export const IDS_MIN = 20_000
export const FAULTS_MIN = 20
const SPELL_MS = 20_000
const SPELLS_MAX = 40
/** How often a fault comes, on average, and a clean stop of an instance. */
const STRIKE_GAP_MS = 500
const STOP_GAP_MS = 1_000
/** Within this time, clocks that were as far apart as they may be get to the same moment. */
const SKEW_MS = 24_000
/** So long nobody uses a pool whose table was emptied. */
const NEW_POOL_MS = 64_000
/** Whoever can give ids does so within this time, and whoever waits is answered. */
const PATIENCE_MS = 7_000
/** A release takes so long at most: the time limit of a question to the store, and a bit. */
const STOP_MAX_MS = 2_100
const QUESTIONS_PER_SECOND_MAX = 20
const BIAS_MAX_MS = 2_000

/** Lives through what a seed has in store, with an eye on every id: a storm, then calm until the end. */
export async function simulate(seed: number): Promise<Run> {
  const time = new ManualClock()
  const world = createWorld(seed, time)
  const { plan, faults, findings, verifier } = world
  begin(world)
  for (let n = 0; n < SPELLS_MAX && !isEnough(world); n++) await time.advance(SPELL_MS)
  world.isStormy = false
  calmDown(world)
  await time.advance(2 * plan.lifeMs + (plan.isEmptied ? NEW_POOL_MS : SKEW_MS))
  const sinceMs = time.monotonicMs()
  await time.advance(PATIENCE_MS)
  findIdle(world, sinceMs)
  world.isOpen = false
  await time.advance(PATIENCE_MS)
  verifier.end()
  await stopAll(world, time)
  findOverlaps(world)
  findPushy(world)
  return { seed, ids: verifier.ids, faults, findings }
}

/** A storm rises. */
function begin(world: World): void {
  const { dice, faults, fleet, plan } = world
  const all = strikes(plan)
  every(world, STRIKE_GAP_MS, () => {
    const [kind, strike] = dice.pick(all)
    faults.add(kind)
    strike(world)
  })
  every(world, STOP_GAP_MS, () => fleet.stop(dice.pick(fleet.instances)))
}

function isEnough({ verifier, faults }: World): boolean {
  return verifier.ids >= IDS_MIN && faults.sum >= FAULTS_MIN
}

/** Lets something happen again and again until the storm is over. */
function every(world: World, gapMs: number, happen: () => void): void {
  world.time.after(world.dice.gap(gapMs), () => {
    if (!world.isStormy) return
    happen()
    every(world, gapMs, happen)
  })
}

/** After two lives of a lease without faults, every worker id is in use, as far as there are instances. */
function findIdle({ plan, fleet, verifier, findings }: World, sinceMs: number): void {
  const able = fleet.instances.filter(({ process }) => Math.abs(process.host.biasMs) < BIAS_MAX_MS)
  const fixed = new Set(able.map(({ slot }) => slot.fixedWorker))
  const most = fixed.has(undefined) ? plan.layout.workers : fixed.size
  const busy = able.filter((instance) => verifier.hasGiven(instance, sinceMs))
  if (busy.length >= Math.min(most, able.length)) return
  findings.add('no ids', `${busy.length} of ${able.length} instances, ${most} worker ids`)
}

/** A clean stop of all instances leaves nothing behind that would go on. */
async function stopAll({ fleet, findings }: World, time: ManualClock): Promise<void> {
  for (const instance of fleet.instances) void instance.stop()
  await time.advance(STOP_MAX_MS)
  if (time.pending > 0) findings.add('no end', `${time.pending} timers are set after a clean stop`)
}

/** No tick of a worker id is granted to two holders, unless somebody has emptied the table. */
function findOverlaps({ plan, fleet, findings }: World): void {
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

/** No instance asks the store without bounds. */
function findPushy({ fleet, findings }: World): void {
  for (const { name, link } of fleet.all) {
    const most = mostWithin(1_000, link.sentMs)
    if (most > QUESTIONS_PER_SECOND_MAX) {
      findings.add('too many questions', `${most} in a second from ${name}`)
    }
  }
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
