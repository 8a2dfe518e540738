import { ManualClock } from '../support/manual-clock.ts'
import type { Findings } from './findings.ts'
import { SegmentWorld } from './segment/world.ts'
import { SnowflakeWorld } from './snowflake/world.ts'
import type { Tally } from './tally.ts'
import type { World } from './world.ts'

/** What the tags of a world are. */
export const KINDS = ['segment', 'snowflake'] as const

export type Kind = (typeof KINDS)[number]

/** What became of a seed. */
export interface Run {
  readonly kind: Kind
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
/** Whoever can give ids does so within this time, and whoever waits is answered. */
const PATIENCE_MS = 7_000
/** A stop takes so long at most: the time limit of a question to the store, and a bit. */
const STOP_MAX_MS = 2_600

/** Lives through what a seed has in store, with an eye on every id: a storm, then calm until the end. */
export async function simulate(kind: Kind, seed: number): Promise<Run> {
  const time = new ManualClock()
  const world: World =
    kind === 'segment' ? new SegmentWorld(seed, time) : new SnowflakeWorld(seed, time)
  world.begin()
  for (let n = 0; n < SPELLS_MAX && !isEnough(world); n++) await time.advance(SPELL_MS)
  world.isStormy = false
  world.calmDown()
  await time.advance(world.calmMs)
  const sinceMs = time.monotonicMs()
  await time.advance(PATIENCE_MS)
  world.findIdle(sinceMs)
  world.isOpen = false
  await time.advance(PATIENCE_MS)
  world.end()
  await stopAll(world, time)
  const { ids, faults, findings } = world
  return { kind, seed, ids, faults, findings }
}

function isEnough({ ids, faults }: World): boolean {
  return ids >= IDS_MIN && faults.sum >= FAULTS_MIN
}

/** A clean stop of all instances leaves nothing behind that would go on. */
async function stopAll({ instances, findings }: World, time: ManualClock): Promise<void> {
  for (const instance of instances) void instance.stop()
  await time.advance(STOP_MAX_MS)
  if (time.pending > 0) findings.add('no end', `${time.pending} timers are set after a clean stop`)
}
