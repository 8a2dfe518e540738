import { SnowflakeLayout } from '../../../internal/domain/entity/snowflake-layout.ts'
import type { Dice } from '../dice.ts'

/** What a seed makes of the world, before anything happens in it. */
export interface Plan {
  readonly layout: SnowflakeLayout
  /** How many ids are asked for at once at most. */
  readonly countMax: number
  /** How often callers come to an instance, on average. */
  readonly gapMs: number
  /** How long a worker id is leased. */
  readonly lifeMs: number
  /** How far the wall clock of each host is off, in milliseconds. */
  readonly biasesMs: readonly number[]
  readonly slots: readonly Slot[]
  /** Whether the table of worker ids is emptied by hand now and then. The database's clock is right then. */
  readonly isEmptied: boolean
}

/** A place for an instance, which is started anew there whenever it has ended. */
export interface Slot {
  /** The number of the host that it is on. */
  readonly host: number
  /** The worker id that the settings fix, if so. */
  readonly fixedWorker: number | undefined
}

/** Ticks, with as few bits of sequence as keep them busy, and over how many of them a call may go. */
const TICKS = [
  { unitMs: 1, leastBits: 2, spanTicks: 20 },
  { unitMs: 10, leastBits: 3, spanTicks: 6 },
  { unitMs: 1000, leastBits: 8, spanTicks: 2 },
] as const

/** Roughly, from all instances together; each time that callers come they ask for 10 ids and more. */
const IDS_PER_SECOND = 700

const EPOCH_MS = Date.UTC(2026, 0, 1)

export function drawPlan(dice: Dice): Plan {
  const { unitMs, leastBits, spanTicks } = dice.pick(TICKS)
  const sequenceBits = leastBits + dice.whole(0, 3)
  const workerBits = dice.whole(1, 3)
  const fields = [`worker:${workerBits}`, `sequence:${sequenceBits}`]
  if (dice.chance(0.5)) fields.reverse()
  const layout = SnowflakeLayout.parse(`time:41,${fields.join()},unit:${unitMs},epoch:${EPOCH_MS}`)
  const countMax = Math.ceil(Math.min(250, spanTicks * 2 ** sequenceBits) * dice.between(0.2, 1))
  const biasesMs = [...Array(dice.whole(2, 4)).keys()].map((host) => drawBias(dice, host))
  return {
    layout,
    countMax,
    gapMs: (1_000 * layout.workers * (10 + countMax / 5)) / IDS_PER_SECOND,
    lifeMs: dice.whole(2_500, 9_000),
    biasesMs,
    slots: drawSlots(dice, layout, biasesMs.length),
    isEmptied: dice.chance(0.2),
  }
}

/** Two hosts at least are within what a lease allows. */
function drawBias(dice: Dice, host: number): number {
  const isOff = host > 1 && dice.chance(0.2)
  const skewMs = isOff ? dice.between(2_100, 5_000) : dice.between(0, 1_900)
  return Math.round(dice.pick([-1, 0, 1]) * skewMs)
}

/** Mostly more places than there are worker ids. */
function drawSlots(dice: Dice, { workers, workerMax }: SnowflakeLayout, hosts: number): Slot[] {
  const isFixed = dice.chance(0.15)
  return Array.from({ length: Math.max(2, workers + dice.whole(-1, 4)) }, () => ({
    host: dice.whole(0, hosts - 1),
    fixedWorker: isFixed ? dice.whole(0, workerMax) : undefined,
  }))
}
