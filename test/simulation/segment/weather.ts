import { higherOf } from '../../../internal/domain/entity/id-range.ts'
import { aTag } from '../../support/a-tag.ts'
import type { SegmentInstance } from './instance.ts'
import type { Operator } from './operator.ts'
import type { SegmentPlan } from './plan.ts'
import { copyOf } from './store.ts'
import type { SegmentWorld } from './world.ts'

/** Something that goes wrong. @returns Whether it could. */
type Strike = (world: SegmentWorld) => boolean

const STRIKES: readonly (readonly [kind: string, weight: number, strike: Strike])[] = [
  ['outage', 10, outage],
  ['kill -9', 12, kill],
  ['stopped process', 10, stopProcess],
  ['stale node', 14, staleNode],
]

/** What somebody does to a tag. */
const ERRANDS: readonly (readonly [kind: string, weight: number, run: (by: Operator) => void])[] = [
  ['freeze', 4, (operator) => operator.freeze()],
  ['delete', 5, (operator) => operator.delete()],
  ['raise', 14, (operator) => operator.raise()],
  ['buffer changed', 8, (operator) => operator.changeBuffer()],
  ['max_value changed', 4, (operator) => operator.changeMaxValue()],
  ['step changed by hand', 6, (operator) => operator.changeStep()],
]

const RESTORES_WEIGHT = 6
/** A stale node has not seen what happened for so long. */
const STALE_MAX_MS = 60_000

/** All that can go wrong in a world, each as often in the list as it is likely. */
export function segmentStrikes({
  restores,
}: SegmentPlan): (readonly [kind: string, strike: Strike])[] {
  const restore = ['restore', restores === 'never' ? 0 : RESTORES_WEIGHT, restoreStore] as const
  const errands = ERRANDS.map(([kind, weight, run]) => [kind, weight, onErrand(run)] as const)
  return [...STRIKES, ...errands, restore].flatMap(([kind, weight, strike]) =>
    Array.from({ length: weight }, () => [kind, strike] as const),
  )
}

function outage(world: SegmentWorld): boolean {
  world.store.outage = world.dice.pick(['refuses', 'hangs'])
  later(world, 10_000, () => {
    world.store.outage = 'none'
  })
  return true
}

function kill(world: SegmentWorld): boolean {
  if (world.isAtRisk) return false
  world.kill(anyInstance(world))
  return true
}

/** SIGSTOP, and SIGCONT later. */
function stopProcess(world: SegmentWorld): boolean {
  const { process } = anyInstance(world)
  process.stop(world.dice.whole(1, 5), world.dice.chance(0.3))
  later(world, 15_000, () => process.wake())
  return true
}

/** The node that an instance reaches falls out of its cluster and lives on in the past for a while. */
function staleNode(world: SegmentWorld): boolean {
  const { link } = anyInstance(world)
  const { dice, store } = world
  const snapshots = store.snapshotsSince(store.nowMs - STALE_MAX_MS)
  if (snapshots.length === 0) return false
  link.stale = copyOf(dice.pick(snapshots).tables)
  later(world, 10_000, () => {
    link.stale = undefined
  })
  return true
}

function restoreStore(world: SegmentWorld): boolean {
  const { plan, dice, store, history } = world
  const instance = anyInstance(world)
  const isRaised = plan.restores === 'raised'
  // That a rest was taken is nothing that an instance would notice the loss of.
  const noticedMs = Math.max(instance.bornMs, store.takenMs + 1)
  const snapshots = store.snapshotsSince(isRaised ? 0 : noticedMs)
  if (snapshots.length === 0 || (!isRaised && (world.isAtRisk || !instance.isServing))) return false
  store.restore(dice.pick(snapshots))
  if (isRaised) raiseAll(world)
  history.observe()
  return true
}

/** Above all that was ever leased, and past all generations that there ever were. */
function raiseAll({ plan, store, history }: SegmentWorld): void {
  for (const tag of plan.tags) {
    const maxId = history.highest(tag.name)
    const generation = history.highestGeneration(tag.name) + 1n
    const row = store.tag(tag.name) ?? aTag(tag)
    const maxValue = higherOf(row.maxValue, maxId)
    store.tables.save({ ...row, maxId, maxValue, generation, freeze: undefined })
  }
}

/** After a moment, or after longer. */
function later({ time, dice }: SegmentWorld, mostMs: number, set: () => void): void {
  time.after(dice.between(0, dice.pick([10, 1_000, mostMs])), set)
}

function anyInstance({ dice, fleet }: SegmentWorld): SegmentInstance {
  return dice.pick(fleet.instances)
}

function onErrand(run: (by: Operator) => void): Strike {
  return ({ operator }) => {
    run(operator)
    return true
  }
}
