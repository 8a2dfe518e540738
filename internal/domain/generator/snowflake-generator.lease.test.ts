import { describe, expect, test } from '@jest/globals'
import { shuttingDown } from '../../../pkg/errors/failures.ts'
import { settled } from '../../../test/support/manual-clock.ts'
import { expectSound, idsIn, rangesOf } from '../../../test/support/snowflake-ids.ts'
import { SnowflakeRig } from '../../../test/support/snowflake-rig.ts'
import { Answer, TestCaller } from '../../../test/support/test-caller.ts'

const LIFE_MS = 30_000

function partsOf(rig: SnowflakeRig, id: bigint | string) {
  return rig.layout.unpack(BigInt(id))
}

describe('with the store gone', () => {
  test('ids go on at once until the safe end; then callers are told, and told at once', async () => {
    const rig = await SnowflakeRig.holding()
    const reserved = rig.row(0)?.reserved ?? 0
    rig.crash()
    for (let ms = 0; ms < LIFE_MS; ms += 500) {
      expect(typeof rig.generator.next(new TestCaller(rig.clock))).toBe('bigint')
      expect(rig.generator.hasIds).toBe(true)
      await rig.clock.advance(500)
    }
    expect(await rig.nextNow()).toBe('WORKER_LEASE_LOST')
    expect(rig.generator.hasIds).toBe(false)
    expect(rig.generator.state()).toMatchObject({ lastError: 'STORE_UNAVAILABLE', secondsLeft: 0 })
    const many = rig.take(10)
    await settled()
    expect(many.is).toBe('WORKER_LEASE_LOST')
    expect(rig.now).toBeLessThanOrEqual(reserved)
  })

  test('a caller whose deadline comes before the next tick is not told of the store', async () => {
    const rig = await SnowflakeRig.holding({ layout: 'sonyflake' })
    rig.crash()
    await rig.clock.advance(20_000)
    expect(rig.generator.state()).toMatchObject({
      lastError: 'STORE_UNAVAILABLE',
      worker: { worker: 0 },
    })
    const answer = rig.take(300, new TestCaller(rig.clock, 10))
    await rig.clock.advance(1)
    const late = rig.next(new TestCaller(rig.clock, 1))
    await rig.clock.advance(1)
    expect([answer.is, late.is]).toEqual(['waits', 'DEADLINE_EXCEEDED'])
  })

  test('a call that lasts beyond the safe end is told so there, and nothing it has is used', async () => {
    const rig = await SnowflakeRig.holding({ layout: 'js-safe' })
    rig.crash()
    await rig.clock.advance(LIFE_MS - 100)
    const [many, others] = [rig.take(200_000), [1, 2, 3].map(() => rig.take(90_000))]
    await rig.clock.advance(100)
    expect([many, ...others].map(({ is }) => is)).toEqual(
      [0, 1, 2, 3].map(() => 'WORKER_LEASE_LOST'),
    )
    expect(rig.generator.isIdle).toBe(true)
    // The lease's next attempt, and nothing else.
    expect(rig.clock.pending).toBe(1)
  })

  test('when it is back, ids go on by themselves under the same worker id', async () => {
    const rig = await SnowflakeRig.holding()
    const last = BigInt(await rig.nextNow())
    rig.crash()
    await rig.clock.advance(10 * LIFE_MS)
    expect(await rig.nextNow()).toBe('WORKER_LEASE_LOST')
    rig.workers.state = 'up'
    await rig.clock.advance(1_000)
    const id = await rig.nextNow()
    expect(BigInt(id)).toBeGreaterThan(last)
    expect(partsOf(rig, id)).toMatchObject({ worker: 0, tick: rig.now })
  })

  test('when it is back and the worker id is somebody else’s, they go on under another, and higher', async () => {
    const one = await SnowflakeRig.holding({ layout: 'js-safe' })
    for (let worker = 1; worker < 8; worker++) await one.another()
    const last = BigInt(await one.nextNow())
    one.crash()
    await one.clock.advance(LIFE_MS + 1)
    const heir = await one.another()
    const inherited = await heir.nextNow()
    expect(partsOf(heir, inherited)).toMatchObject({ worker: 0 })
    one.workers.state = 'up'
    await one.clock.advance(1_000)
    expect(await one.nextNow()).toBe('WORKER_POOL_EXHAUSTED')
    await heir.leases.release()
    await one.clock.advance(1_000)
    const id = await one.nextNow()
    expect(partsOf(one, id)).toMatchObject({ worker: 0, tick: one.now })
    expect(BigInt(id)).toBeGreaterThan(BigInt(inherited))
    expect(BigInt(inherited)).toBeGreaterThan(last)
  })

  test('before there was a worker id, callers wait for it to their deadlines', async () => {
    const rig = new SnowflakeRig()
    rig.workers.claims.state = 'down'
    const [hasty, patient] = [rig.next(new TestCaller(rig.clock, 100)), rig.next()]
    await rig.clock.advance(100)
    expect([hasty.is, patient.is]).toEqual(['STORE_UNAVAILABLE', 'waits'])
    rig.workers.claims.state = 'up'
    await rig.clock.advance(1_000)
    expect(partsOf(rig, String(patient.is))).toMatchObject({ worker: 0 })
  })

  test('while it has not said anything, a caller’s deadline is exceeded', async () => {
    const rig = new SnowflakeRig()
    rig.workers.surveys.state = 'held'
    const answer = rig.next(new TestCaller(rig.clock, 100))
    await rig.clock.advance(100)
    expect(answer.is).toBe('DEADLINE_EXCEEDED')
  })
})

describe('with all worker ids taken', () => {
  test('who waits is told so, and so is who comes later', async () => {
    const rig = await SnowflakeRig.holding({ fixedWorker: 7 })
    const other = new SnowflakeRig({ fixedWorker: 7 }, rig)
    const waiting = [other.next(), other.take(100_000)]
    await settled()
    expect(waiting.map(({ is }) => is)).toEqual(['WORKER_POOL_EXHAUSTED', 'WORKER_POOL_EXHAUSTED'])
    expect(await other.nextNow()).toBe('WORKER_POOL_EXHAUSTED')
  })
})

describe('a process that is stopped and goes on', () => {
  test('after the end of its lease: nothing leaves before the store has renewed it', async () => {
    const rig = await SnowflakeRig.holding()
    await rig.nextNow()
    const many = rig.take(100_000, new TestCaller(rig.clock, 60_000))
    await settled()
    const { givenOut } = rig.generator
    rig.clock.pause(LIFE_MS)
    rig.workers.surveys.state = 'held'
    const late = rig.next()
    await rig.clock.advance(0)
    expect([late.is, rig.generator.givenOut]).toEqual(['waits', givenOut])
    rig.workers.surveys.release()
    await settled()
    expect(partsOf(rig, String(late.is))).toMatchObject({ worker: 0 })
    expectSound(rangesOf(many), 100_000, rig.layout)
    expect(rig.row(0)?.epoch).toBe(1n)
  })

  test('after somebody took its worker id: its ids and theirs are not the same', async () => {
    const rig = await SnowflakeRig.holding({ fixedWorker: 3 })
    const ids = [BigInt(await rig.nextNow())]
    const many = rig.take(100_000, new TestCaller(rig.clock, 60_000))
    await settled()
    rig.clock.pause(LIFE_MS + 1)
    const heir = await rig.another()
    ids.push(BigInt(await heir.nextNow()))
    await rig.clock.advance(0)
    expect(many.is).toBe('waits')
    await rig.clock.advance(50)
    expect(many.is).toBe('WORKER_POOL_EXHAUSTED')
    for (let ms = 0; ms < 100; ms++) {
      await rig.clock.advance(1)
      ids.push(BigInt(await heir.nextNow()))
      expect(await rig.nextNow()).toBe('WORKER_POOL_EXHAUSTED')
    }
    expect(new Set(ids).size).toBe(102)
  })

  test('within its lease: ids go on, also those of the ticks it slept through', async () => {
    const rig = await SnowflakeRig.holding()
    const many = rig.take(100_000)
    rig.clock.pause(500)
    await rig.clock.advance(0)
    expect(rangesOf(many)).toHaveLength(25)
    expect(rig.now - partsOf(rig, rangesOf(many).at(-1)?.last ?? 0n).tick).toBe(500 - 24)
  })
})

describe('a generator that is made anew', () => {
  test('in the same tick repeats nothing of it', async () => {
    const rig = await SnowflakeRig.holding()
    const before = BigInt(await rig.nextNow())
    rig.generator.close(shuttingDown(1))
    const again = rig.newGenerator()
    const answer = new Answer(() => again.next(new TestCaller(rig.clock)))
    await settled()
    expect(answer.is).toBe('waits')
    await rig.clock.advance(1)
    expect(answer.is).toBeGreaterThan(before)
  })

  test('after the clock was set back starts above all that its predecessor used', async () => {
    const rig = await SnowflakeRig.holding()
    const before = partsOf(rig, await rig.nextNow())
    rig.generator.close(shuttingDown(1))
    rig.clock.stepWall(-600)
    const again = rig.newGenerator()
    const call = () => new Answer(() => again.next(new TestCaller(rig.clock)))
    const refused = call()
    await settled()
    expect(refused.is).toBe('CLOCK_MOVED_BACKWARDS')
    await rig.clock.advance(601)
    const answer = call()
    await settled()
    expect(partsOf(rig, String(answer.is))).toMatchObject({ tick: before.tick + 1 })
  })
})

describe('a worker id that changes', () => {
  test('while callers wait for the next tick: they get ids of the new one', async () => {
    const rig = await SnowflakeRig.holding({ layout: 'js-safe' })
    const ids = [BigInt(await rig.nextNow())]
    const row = rig.row(0)
    if (row === undefined) throw new Error('Nothing is held.')
    rig.tables.rows.get('js-safe')?.rows.set(0, { ...row, owner: 'somebody else' })
    await rig.clock.advance(9_999)
    const many = rig.take(1_200)
    await rig.clock.advance(60)
    ids.push(...idsIn(rangesOf(many)))
    expect(ids.every((id, index) => id > (ids[index - 1] ?? 0n))).toBe(true)
    const workers = ids.map((id) => rig.layout.unpack(id).worker)
    expect([workers[0], workers[1], workers.at(-1)]).toEqual([0, 0, 1])
  })
})
