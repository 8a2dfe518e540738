import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { shuttingDown } from '../../../pkg/errors/failures.ts'
import { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import { settled } from '../../../test/support/manual-clock.ts'
import { idsIn } from '../../../test/support/snowflake-ids.ts'
import { SnowflakeRig } from '../../../test/support/snowflake-rig.ts'
import { TestCaller } from '../../../test/support/test-caller.ts'
import type { SnowflakeGenerator } from './snowflake-generator.ts'

/**
 * Goal: whatever the clock, the store and the processes do, no id of a tag leaves twice, none is
 * ahead of the clock, and in one process they rise in the order of the calls.
 * Method: three processes on a pool of two worker ids, with four ids to a tick, walk at random; each
 * id that leaves is compared with all others.
 */
const OPTIONS = { layout: 'time:45,worker:1,sequence:2,unit:1,epoch:0', lifeMs: 1_000 }
const PROCESSES = 3

function action(weight: number, type: string, min = 0, max = PROCESSES - 1) {
  const number = fc.integer({ min, max })
  return { weight, arbitrary: fc.record({ type: fc.constant(type), number }) }
}

const walk = fc.array(
  fc.oneof(
    action(8, 'next'),
    action(4, 'take'),
    action(8, 'advance', 0, 3),
    action(2, 'advance', 0, 700),
    action(1, 'pause', 0, 1_500),
    action(2, 'step the clock', -20, 20),
    action(1, 'step the clock', -2_500, 2_500),
    action(1, 'make the generator anew'),
    action(1, 'crash'),
    action(1, 'stop'),
    action(1, 'lose replies'),
    action(1, 'lose the store'),
    action(2, 'find the store'),
  ),
  { minLength: 40, maxLength: 120 },
)

/** One process after the other, in the place of a process. */
interface Place {
  rig: SnowflakeRig
  generator: SnowflakeGenerator
  /** The highest id that the process has given so far. */
  highest: bigint
}

class World {
  readonly ids = new Set<bigint>()
  readonly faults: string[] = []
  readonly #places: Place[] = []

  static async create(): Promise<World> {
    const world = new World()
    const first = await SnowflakeRig.holding(OPTIONS)
    const rigs = [first, await first.another(), await first.another()]
    for (const rig of rigs) world.#places.push({ rig, generator: rig.generator, highest: 0n })
    return world
  }

  async perform(type: string, number: number): Promise<void> {
    const place = this.#places[Math.abs(number) % PROCESSES]
    if (place === undefined) throw new Error('There is no such process.')
    const { clock, workers } = place.rig
    if (type === 'next') this.#ask(place, 1)
    if (type === 'take') this.#ask(place, 11)
    if (type === 'advance') await clock.advance(number)
    if (type === 'pause') clock.pause(number)
    if (type === 'step the clock') clock.stepWall(number)
    if (type === 'lose replies') workers.state = 'reply lost'
    if (type === 'lose the store') workers.state = 'down'
    if (type === 'find the store') workers.state = 'up'
    if (type === 'make the generator anew') {
      place.generator.close(shuttingDown(1))
      place.generator = place.rig.newGenerator()
    }
    if (type === 'crash' || type === 'stop') await this.#replace(place, type === 'crash')
  }

  async #replace(place: Place, crashes: boolean): Promise<void> {
    place.generator.close(shuttingDown(1))
    if (crashes) place.rig.crash()
    await place.rig.leases.release()
    place.rig = await place.rig.another()
    place.generator = place.rig.generator
    place.highest = 0n
  }

  #ask(place: Place, count: number): void {
    const { rig, generator, highest } = place
    const call = async () => {
      const caller = new TestCaller(rig.clock, 400)
      if (count > 1) return idsIn(await generator.take(count, caller))
      return [await generator.next(caller)]
    }
    call().then(
      (ids) => {
        if (ids.length !== count) this.faults.push(`${ids.length} ids instead of ${count}`)
        for (const id of ids) this.#note(place, id, highest)
      },
      (thrown) => {
        if (GolovesError.from(thrown).code === 'INTERNAL') this.faults.push(String(thrown))
      },
    )
  }

  /** @param before The highest id that the process had given when the call began. */
  #note(place: Place, id: bigint, before: bigint): void {
    if (this.ids.has(id)) this.faults.push(`${id} twice`)
    if (id <= before) this.faults.push(`${id} after ${before}`)
    if (place.rig.layout.unpack(id).tick > place.rig.now) this.faults.push(`${id} ahead`)
    this.ids.add(id)
    if (id > place.highest) place.highest = id
  }
}

test('no id leaves twice, out of order or ahead of the clock', async () => {
  let left = 0
  const isSound = fc.asyncProperty(walk, async (actions) => {
    const world = await World.create()
    for (const { type, number } of actions) {
      await world.perform(type, number)
      await settled()
    }
    await world.perform('advance', 1_000)
    expect(world.faults).toEqual([])
    left += world.ids.size
  })
  await fc.assert(isSound, { numRuns: 400 })
  expect(left).toBeGreaterThan(4_000)
}, 60_000)
