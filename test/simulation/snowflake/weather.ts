import type { SnowflakeInstance } from './instance.ts'
import type { Plan } from './plan.ts'
import type { SnowflakeWorld } from './world.ts'

/** Something that goes wrong, and sets itself right after a while. */
type Strike = (world: SnowflakeWorld) => void

/** What goes wrong in every world, with how often it does among the others. */
const STRIKES: readonly (readonly [kind: string, weight: number, strike: Strike])[] = [
  ['outage', 12, outage],
  ['kill -9', 16, kill],
  ['restart with the clock back', 8, restartInThePast],
  ['stopped process', 24, stopProcess],
  ['suspended host', 12, suspendHost],
  ['clock step', 16, stepClock],
  ['clock stands still', 8, standStill],
  ['clock to and fro', 4, goToAndFro],
]

const STEPS_MS = [-3, -600, -1_500, -3_600_000, 3, 600, 1_500, 20_000, 3_600_000] as const
/** Of the database: further than a lease lasts, but not for so long that a worker id is lost for hours. */
const DATABASE_STEPS_MS = [-3, -600, -10_000, 3, 600, 10_000] as const
const BACK_MS = [600, 1_500, 3_600_000] as const

/** All that can go wrong in a world, each as often in the list as it is likely. */
export function strikes({ isEmptied }: Plan): (readonly [kind: string, strike: Strike])[] {
  const database = isEmptied
    ? (['table emptied', 1, emptyTable] as const)
    : (['database clock step', 8, stepDatabaseClock] as const)
  return [...STRIKES, database].flatMap(([kind, weight, strike]) =>
    Array.from({ length: weight }, () => [kind, strike] as const),
  )
}

/** Sets everything right. */
export function calmDown({ hosts, store, fleet }: SnowflakeWorld): void {
  store.outage = 'none'
  store.offsetMs = 0
  for (const host of hosts) {
    host.resume()
    host.correct()
  }
  for (const { process } of fleet.instances) while (process.isStopped) process.wake()
}

function stepDatabaseClock(world: SnowflakeWorld): void {
  world.store.offsetMs += world.dice.pick(DATABASE_STEPS_MS)
  later(world, () => {
    world.store.offsetMs = 0
  })
}

/** By hand. It does not set itself right. */
function emptyTable({ store }: SnowflakeWorld): void {
  store.empty()
}

function outage(world: SnowflakeWorld): void {
  world.store.outage = world.dice.pick(['refuses', 'hangs'])
  later(world, () => {
    world.store.outage = 'none'
  })
}

function kill(world: SnowflakeWorld): void {
  world.fleet.kill(anyInstance(world))
}

function restartInThePast(world: SnowflakeWorld): void {
  const instance = anyInstance(world)
  const { host } = instance.process
  host.step(-world.dice.pick(BACK_MS))
  world.fleet.kill(instance)
  later(world, () => host.correct())
}

/** SIGSTOP, and SIGCONT later: mostly when the lease has ended. */
function stopProcess(world: SnowflakeWorld): void {
  const { time, dice, plan } = world
  const { process } = anyInstance(world)
  process.stop(dice.whole(1, 5), dice.chance(0.3))
  time.after(dice.between(0, 3 * plan.lifeMs), () => process.wake())
}

/** The machine is put to sleep: its monotonic clock does not count that, its wall clock may or may not. */
function suspendHost(world: SnowflakeWorld): void {
  const { dice, fleet } = world
  const host = dice.pick(world.hosts)
  const stopped = fleet.instances.map(({ process }) => process).filter((one) => one.host === host)
  for (const process of stopped) process.stop(dice.whole(0, 6))
  host.suspend()
  if (dice.chance(0.5)) host.standStill()
  later(world, () => {
    host.resume()
    host.goOn()
    for (const process of stopped) process.wake()
    soon(world, () => host.correct())
  })
}

function stepClock(world: SnowflakeWorld): void {
  const host = world.dice.pick(world.hosts)
  host.step(world.dice.pick(STEPS_MS))
  later(world, () => host.correct())
}

function standStill(world: SnowflakeWorld): void {
  const host = world.dice.pick(world.hosts)
  host.standStill()
  later(world, () => {
    host.goOn()
    soon(world, () => host.correct())
  })
}

function goToAndFro({ dice, hosts, time }: SnowflakeWorld): void {
  const host = dice.pick(hosts)
  for (let ms = 0; ms < 300; ms += dice.between(0, 10)) {
    time.after(ms, () => host.step(dice.whole(-15, 15)))
  }
  time.after(300, () => host.correct())
}

function soon({ time, dice }: SnowflakeWorld, set: () => void): void {
  time.after(dice.between(0, 3_000), set)
}

/** After a moment, or after longer than a lease. */
function later({ time, dice, plan }: SnowflakeWorld, set: () => void): void {
  time.after(dice.between(0, dice.pick([10, 1_000, 2.5 * plan.lifeMs])), set)
}

function anyInstance({ dice, fleet }: SnowflakeWorld): SnowflakeInstance {
  return dice.pick(fleet.instances)
}
