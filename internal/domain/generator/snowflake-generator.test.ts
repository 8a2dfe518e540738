import { describe, expect, test } from '@jest/globals'
import { settled } from '../../../test/support/manual-clock.ts'
import { expectSound, idsIn, rangesOf } from '../../../test/support/snowflake-ids.ts'
import { SnowflakeRig } from '../../../test/support/snowflake-rig.ts'
import { Answer, TestCaller } from '../../../test/support/test-caller.ts'
import { PRESET_LAYOUTS } from '../entity/snowflake-layout.ts'

/** Takes a whole tick of ids, and so leaves nothing of it. */
async function useUp(rig: SnowflakeRig): Promise<void> {
  const whole = rig.take(rig.layout.sequenceMax + 1)
  await settled()
  expect(rangesOf(whole)).toHaveLength(1)
}

describe('an id', () => {
  test('carries the time, the worker id and a sequence, and is there at once', async () => {
    const rig = await SnowflakeRig.holding({ fixedWorker: 7 })
    const ids = [0, 1, 2].map(() => rig.generator.next(new TestCaller(rig.clock)))
    expect(ids).toEqual(
      [0, 1, 2].map((sequence) => rig.layout.pack({ tick: rig.now, worker: 7, sequence })),
    )
    await rig.clock.advance(250)
    const later = rig.layout.pack({ tick: rig.now, worker: 7, sequence: 3 })
    expect(rig.generator.next(new TestCaller(rig.clock))).toBe(later)
  })

  test('is waited for until there is a worker id; then all are served in the order they came', async () => {
    const rig = new SnowflakeRig()
    const answers = [rig.next(), rig.take(2), rig.next()]
    expect(rig.generator.state().waiters).toBe(3)
    expect([rig.generator.isIdle, rig.generator.hasIds]).toEqual([false, false])
    await settled()
    const id = (sequence: number) => rig.layout.pack({ tick: rig.now, worker: 0, sequence })
    expect(answers.map(({ is }) => is)).toEqual([
      id(0),
      [{ first: id(1), last: id(2), step: 1n }],
      id(3),
    ])
    expect([rig.generator.isIdle, rig.generator.hasIds]).toEqual([true, true])
  })

  test('of a tick that is used up is waited for asleep, until the next tick begins', async () => {
    const rig = await SnowflakeRig.holding()
    const timers = rig.clock.pending
    await useUp(rig)
    const answers = [rig.next(), rig.next()]
    await settled()
    expect(answers.map(({ is }) => is)).toEqual(['waits', 'waits'])
    expect(rig.generator.isIdle).toBe(false)
    // Their two deadlines, and one to wake them.
    expect(rig.clock.pending).toBe(timers + 3)
    await rig.clock.advance(0.9)
    expect(answers[0]?.is).toBe('waits')
    await rig.clock.advance(0.1)
    const id = (sequence: number) => rig.layout.pack({ tick: rig.now, worker: 0, sequence })
    expect(answers.map(({ is }) => is)).toEqual([id(0), id(1)])
    expect(rig.clock.pending).toBe(timers)
  })

  test('of a coarse tick that is used up comes when the next one begins', async () => {
    const rig = await SnowflakeRig.holding({ layout: 'sonyflake' })
    await rig.clock.advance(4)
    await useUp(rig)
    const answer = rig.next()
    await rig.clock.advance(5)
    expect(answer.is).toBe('waits')
    await rig.clock.advance(1)
    expect(answer.is).toBe(rig.layout.pack({ tick: rig.now, worker: 0, sequence: 0 }))
  })

  test('never leaves twice, nor out of order, whoever takes it', async () => {
    const rig = await SnowflakeRig.holding({ layout: 'js-safe' })
    const ids: bigint[] = []
    for (let ms = 0; ms < 50; ms++) {
      for (let call = 0; call < 100; call++) {
        const answer = rig.next()
        const ranges = rig.take(7)
        await settled()
        if (typeof answer.is === 'bigint') ids.push(answer.is, ...idsIn(rangesOf(ranges)))
        else await rig.clock.advance(1)
      }
      await rig.clock.advance(1)
    }
    expect(ids.length).toBeGreaterThan(10_000)
    expect(ids.every((id, index) => id > (ids[index - 1] ?? 0n))).toBe(true)
  })
})

describe.each(PRESET_LAYOUTS)('many ids of %s', (layout) => {
  test('are exactly as many as asked for, whether they fit in a tick or not', async () => {
    const rig = await SnowflakeRig.holding({ layout })
    const whole = Math.min(rig.layout.sequenceMax + 1, 100_000)
    for (const count of [1, 2, whole - 1, whole, whole + 1, 3 * whole + 5]) {
      const before = rig.now
      const answer = rig.take(count, new TestCaller(rig.clock, 60_000))
      await rig.clock.advance(6 * rig.layout.unitMs)
      const ranges = rangesOf(answer)
      expectSound(ranges, count, rig.layout)
      expect(rig.layout.unpack(ranges[0]?.first ?? 0n).tick).toBeGreaterThanOrEqual(before)
      expect(rig.layout.unpack(ranges.at(-1)?.last ?? 0n).tick).toBeLessThanOrEqual(rig.now)
    }
  })

  test('may be a million: they take the time that the bits allow, and each tick one timer', async () => {
    const rig = await SnowflakeRig.holding({ layout })
    const ticks = Math.ceil(1_000_000 / (rig.layout.sequenceMax + 1))
    const answer = rig.take(1_000_000, new TestCaller(rig.clock, 60_000))
    for (let tick = 1; tick < ticks; tick++) {
      expect(answer.is).toBe('waits')
      expect(rig.clock.pending).toBeLessThanOrEqual(3)
      await rig.clock.advance(rig.layout.unitMs)
    }
    await settled()
    expectSound(rangesOf(answer), 1_000_000, rig.layout)
    expect(rig.generator.givenOut).toBe(1_000_000n)
    expect([rig.generator.isIdle, rig.clock.pending]).toEqual([true, 1])
  })
})

describe('many ids', () => {
  test('of one tick are one range, there at once', async () => {
    const rig = await SnowflakeRig.holding()
    const id = (sequence: number) => rig.layout.pack({ tick: rig.now, worker: 0, sequence })
    expect(rig.generator.take(4_096, new TestCaller(rig.clock))).toEqual([
      { first: id(0), last: id(4_095), step: 1n },
    ])
  })

  test('go on in the tick in which others have taken some', async () => {
    const rig = await SnowflakeRig.holding()
    await rig.nextNow()
    const answer = rig.take(4_096)
    await rig.clock.advance(1)
    const id = (tick: number, sequence: number) => rig.layout.pack({ tick, worker: 0, sequence })
    expect(rangesOf(answer)).toEqual([
      { first: id(rig.now - 1, 1), last: id(rig.now - 1, 4_095), step: 1n },
      { first: id(rig.now, 0), last: id(rig.now, 0), step: 1n },
    ])
  })

  test('of a layout with the worker at the bottom are one range over many ticks', async () => {
    const rig = await SnowflakeRig.holding({ layout: 'sonyflake', fixedWorker: 9 })
    const tick = rig.now
    const answer = rig.take(1_000)
    await rig.clock.advance(30)
    expect(rangesOf(answer)).toEqual([
      {
        first: rig.layout.pack({ tick, worker: 9, sequence: 0 }),
        last: rig.layout.pack({ tick: tick + 3, worker: 9, sequence: 231 }),
        step: 65_536n,
      },
    ])
  })

  test('come from all ticks that passed while a timer was late, and from none before they were asked for', async () => {
    const rig = await SnowflakeRig.holding()
    await rig.clock.advance(100)
    const from = rig.now
    const answer = rig.take(30 * 4_096)
    await settled()
    rig.clock.pause(20)
    await rig.clock.advance(0)
    expect(answer.is).toBe('waits')
    rig.clock.pause(20)
    await rig.clock.advance(0)
    const ranges = rangesOf(answer)
    expectSound(ranges, 30 * 4_096, rig.layout)
    const ticks = ranges.map(({ first }) => rig.layout.unpack(first).tick)
    expect(ticks).toEqual(Array.from({ length: 30 }, (_, n) => from + n))
    // What is left of the ticks that passed is nobody's.
    expect(rig.layout.unpack(BigInt(await rig.nextNow())).tick).toBe(rig.now)
  })

  test('asked for by many at once are nobody’s twice', async () => {
    const rig = await SnowflakeRig.holding({ layout: 'js-safe' })
    const answers = Array.from({ length: 20 }, () => rig.take(100))
    await rig.clock.advance(10)
    const ids = answers.flatMap((answer) => idsIn(rangesOf(answer)))
    expect(new Set(ids).size).toBe(2_000)
  })
})

describe('what a generator says of itself', () => {
  test('is how many wait, how much is asked for, and how long the lease lasts', async () => {
    const rig = await SnowflakeRig.holding()
    expect(rig.generator.state()).toEqual({
      ranges: [],
      waiters: 0,
      idsPerSecond: 0,
      secondsLeft: undefined,
      lastLease: undefined,
      lastError: undefined,
      worker: { worker: 0, epoch: 1n, reservedUntilMs: rig.clock.nowMs() + 30_001 },
    })
    await useUp(rig)
    rig.next()
    await rig.clock.advance(0.5)
    const { waiters, idsPerSecond, secondsLeft } = rig.generator.state()
    expect([waiters, secondsLeft]).toEqual([1, 29.9995])
    expect(idsPerSecond).toBeCloseTo(4_097 / 75, 2)
    expect(rig.generator.givenOut).toBe(4_096n)
  })

  test('is why there is no worker id', async () => {
    const rig = new SnowflakeRig()
    rig.crash()
    await rig.clock.advance(100)
    expect(rig.generator.state()).toMatchObject({
      lastError: 'STORE_UNAVAILABLE',
      worker: undefined,
    })
  })

  test('is the tag as it was last told', async () => {
    const rig = await SnowflakeRig.holding()
    const tag = { ...rig.generator.tag, version: 8n }
    rig.generator.know(tag)
    expect(rig.generator.tag).toBe(tag)
  })
})

describe('two tags of one layout', () => {
  test('use one worker id, and no tick that the other one has used before they began', async () => {
    const rig = await SnowflakeRig.holding()
    const other = rig.newGenerator()
    const first = await rig.nextNow()
    const answer = new Answer(() => other.next(new TestCaller(rig.clock)))
    await rig.clock.advance(1)
    const parts = { tick: rig.now, worker: 0, sequence: 0 }
    expect(answer.is).toBe(rig.layout.pack(parts))
    expect(rig.layout.unpack(BigInt(first))).toEqual({ ...parts, tick: rig.now - 1 })
    const both = [await rig.nextNow(), other.next(new TestCaller(rig.clock))]
    expect(both.map((id) => rig.layout.unpack(BigInt(String(id))).sequence)).toEqual([1, 1])
  })
})
