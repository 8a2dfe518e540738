import { describe, expect, jest, test } from '@jest/globals'
import { settled } from '../../../test/support/manual-clock.ts'
import { rangesOf } from '../../../test/support/snowflake-ids.ts'
import { SnowflakeRig } from '../../../test/support/snowflake-rig.ts'
import { TestCaller } from '../../../test/support/test-caller.ts'

const HOUR_MS = 3_600_000

/** What a call that needs no time is refused with. */
function refusalOf(rig: SnowflakeRig): unknown {
  try {
    return rig.generator.next(new TestCaller(rig.clock))
  } catch (thrown) {
    return thrown
  }
}

/** The clock that NTP steps, and with it the one of the database, on the same machine. */
function stepBoth({ clock, tables }: SnowflakeRig, ms: number): void {
  clock.stepWall(ms)
  tables.aheadMs += ms
}

/** Lets time pass on the monotonic clock while the wall clock is held where it is. */
async function standStill(rig: SnowflakeRig, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed++) {
    rig.clock.stepWall(-1)
    await rig.clock.advance(1)
  }
}

function partsOf(rig: SnowflakeRig, id: bigint | string) {
  return rig.layout.unpack(BigInt(id))
}

describe('a clock that steps forward', () => {
  test('by a second: ids go on in the new time', async () => {
    const rig = await SnowflakeRig.holding()
    await rig.nextNow()
    rig.clock.stepWall(1_000)
    expect(partsOf(rig, await rig.nextNow())).toEqual({ tick: rig.now, worker: 0, sequence: 1 })
  })

  test('beyond the reservation: ids go on once the store has reserved more', async () => {
    const rig = await SnowflakeRig.holding()
    stepBoth(rig, HOUR_MS)
    expect(partsOf(rig, await rig.nextNow())).toMatchObject({ tick: rig.now })
    expect(rig.row(0)).toMatchObject({ epoch: 1n, reserved: rig.now + 30_000 })
  })
})

describe('a clock that steps back', () => {
  test.each([1, 3, 10])(
    'by %s ms: callers wait asleep until it has caught up, and nobody else does',
    async (ms) => {
      const rig = await SnowflakeRig.holding()
      const other = rig.newGenerator()
      await rig.clock.advance(100)
      await other.next(new TestCaller(rig.clock))
      await rig.clock.advance(100)
      const last = partsOf(rig, await rig.nextNow())
      const timers = rig.clock.pending
      rig.clock.stepWall(-ms)
      const answer = rig.next()
      expect(rig.clock.pending).toBe(timers + 2)
      expect(typeof other.next(new TestCaller(rig.clock))).toBe('bigint')
      await rig.clock.advance(ms - 0.1)
      expect(answer.is).toBe('waits')
      await rig.clock.advance(0.1)
      expect(partsOf(rig, String(answer.is))).toEqual({ ...last, sequence: last.sequence + 1 })
      expect(rig.clock.pending).toBe(timers)
    },
  )

  test.each([12, 600, 25_000])(
    'by %s ms: callers are told at once how long, and it goes on by itself',
    async (ms) => {
      const rig = await SnowflakeRig.holding()
      const last = partsOf(rig, await rig.nextNow())
      rig.clock.stepWall(-ms)
      for (const leftMs of [ms, ms - 1]) {
        expect(refusalOf(rig)).toMatchObject({
          code: 'CLOCK_MOVED_BACKWARDS',
          retryAfterMs: leftMs,
        })
        await rig.clock.advance(1)
      }
      await rig.clock.advance(ms - 2)
      // The sequence goes on where it was: it is not reset by a clock that comes by again.
      expect(partsOf(rig, await rig.nextNow())).toEqual({ ...last, sequence: last.sequence + 1 })
    },
  )

  test('by 10 ms at most callers wait, by 11 they are told', async () => {
    const rig = await SnowflakeRig.holding()
    await rig.nextNow()
    rig.clock.stepWall(-11)
    expect(await rig.nextNow()).toBe('CLOCK_MOVED_BACKWARDS')
    rig.clock.stepWall(1)
    expect(await rig.nextNow()).toBe('waits')
  })

  test('by 600 ms with the tick used up: the hint is for the next one', async () => {
    const rig = await SnowflakeRig.holding()
    rig.take(4_096)
    rig.clock.stepWall(-600)
    expect(refusalOf(rig)).toMatchObject({ code: 'CLOCK_MOVED_BACKWARDS', retryAfterMs: 601 })
  })

  test('by 600 ms while callers wait: they are told so', async () => {
    const rig = await SnowflakeRig.holding()
    rig.take(4_096)
    const [next, take] = [rig.next(), rig.take(10_000)]
    await settled()
    rig.clock.stepWall(-600)
    await rig.clock.advance(1)
    expect([next.is, take.is]).toEqual(['CLOCK_MOVED_BACKWARDS', 'CLOCK_MOVED_BACKWARDS'])
    expect(rig.clock.pending).toBe(1)
  })

  test('by an hour, the database’s with it: no id for an hour, then they go on', async () => {
    const rig = await SnowflakeRig.holding()
    const last = partsOf(rig, await rig.nextNow())
    stepBoth(rig, -HOUR_MS)
    expect(refusalOf(rig)).toMatchObject({ retryAfterMs: HOUR_MS })
    await rig.clock.advance(HOUR_MS - 1_000)
    expect(refusalOf(rig)).toMatchObject({ code: 'CLOCK_MOVED_BACKWARDS', retryAfterMs: 1_000 })
    await rig.clock.advance(1_000)
    expect(partsOf(rig, await rig.nextNow())).toEqual({ ...last, sequence: last.sequence + 1 })
  })

  test('by an hour, the database’s not: no id until it is right again', async () => {
    const rig = await SnowflakeRig.holding()
    const last = BigInt(await rig.nextNow())
    rig.clock.stepWall(-HOUR_MS)
    expect(refusalOf(rig)).toMatchObject({ code: 'CLOCK_MOVED_BACKWARDS' })
    await rig.clock.advance(60_000)
    expect(refusalOf(rig)).toMatchObject({ code: 'WORKER_LEASE_LOST' })
    rig.clock.stepWall(HOUR_MS)
    await rig.clock.advance(1_000)
    expect(BigInt(await rig.nextNow())).toBeGreaterThan(last)
  })

  test('while a worker id is being claimed: callers get ids of the new present, not of the old', async () => {
    const rig = new SnowflakeRig()
    rig.workers.claims.state = 'held'
    const answers = [rig.next(), rig.take(5_000)]
    await settled()
    rig.clock.stepWall(-1_500)
    rig.workers.claims.release()
    await settled()
    const { now } = rig
    await rig.clock.advance(1)
    expect(partsOf(rig, String(answers[0]?.is))).toEqual({ tick: now, worker: 0, sequence: 0 })
    expect(answers[1]?.is).toHaveLength(2)
    expect(rig.clock.pending).toBe(1)
  })

  test('within a coarse tick changes nothing', async () => {
    const rig = await SnowflakeRig.holding({ layout: 'seconds' })
    await rig.clock.advance(900)
    const last = partsOf(rig, await rig.nextNow())
    rig.clock.stepWall(-800)
    expect(partsOf(rig, await rig.nextNow())).toEqual({ ...last, sequence: last.sequence + 1 })
  })

  test('to and fro while the tick is used up: nobody gets an id before the next one, which is full', async () => {
    const rig = await SnowflakeRig.holding()
    rig.take(4_096)
    const tick = rig.now
    const answer = rig.take(4_097)
    for (const ms of [-3, 2, -5, 3, 0, 2]) {
      rig.clock.stepWall(ms)
      rig.next()
      await rig.clock.advance(0.1)
      expect([answer.is, rig.now <= tick]).toEqual(['waits', true])
    }
    rig.clock.stepWall(5)
    await rig.clock.advance(3)
    const [first] = rangesOf(answer)
    expect(partsOf(rig, first?.first ?? 0n)).toEqual({ tick: tick + 1, worker: 0, sequence: 0 })
  })
})

describe('a clock that stands still', () => {
  test('gives the ids of its tick; then callers wait to their deadlines, at a timer per millisecond', async () => {
    const rig = await SnowflakeRig.holding({ layout: 'js-safe' })
    const tick = rig.now
    await standStill(rig, 5)
    for (let sequence = 0; sequence < 512; sequence++) {
      expect(rig.generator.next(new TestCaller(rig.clock))).toBe(
        rig.layout.pack({ tick, worker: 0, sequence }),
      )
    }
    const answers = [10, 50, 50].map((ms) => rig.next(new TestCaller(rig.clock, ms)))
    const timers = jest.spyOn(rig.clock, 'after')
    await standStill(rig, 49)
    expect(answers.map(({ is }) => is)).toEqual(['DEADLINE_EXCEEDED', 'waits', 'waits'])
    await standStill(rig, 1)
    expect(answers[2]?.is).toBe('DEADLINE_EXCEEDED')
    expect(timers.mock.calls.length).toBeLessThanOrEqual(50)
    await rig.clock.advance(1)
    expect(partsOf(rig, await rig.nextNow())).toEqual({ tick: tick + 1, worker: 0, sequence: 0 })
    expect(rig.clock.pending).toBe(1)
  })
})

describe('a clock that is back after a restart', () => {
  test.each([
    ['a clean stop', 3, 'waits'],
    ['a clean stop', 600, 'CLOCK_MOVED_BACKWARDS'],
    ['a clean stop', HOUR_MS, 'CLOCK_MOVED_BACKWARDS'],
  ])('%s, by %s ms: %s, and no id comes again', async (_, ms, answer) => {
    const rig = await SnowflakeRig.holding({ fixedWorker: 7 })
    const last = partsOf(rig, await rig.nextNow())
    await rig.leases.release()
    stepBoth(rig, -ms)
    const successor = await rig.another()
    expect(successor.lease.held).toMatchObject({ worker: 7, epoch: 2n })
    expect(await successor.nextNow()).toBe(answer)
    await rig.clock.advance(ms)
    expect(await successor.nextNow()).toBe('waits')
    await rig.clock.advance(1)
    expect(partsOf(successor, await successor.nextNow())).toMatchObject({ tick: last.tick + 1 })
  })

  test('a crash, by an hour: no id before all that was reserved has passed', async () => {
    const rig = await SnowflakeRig.holding({ fixedWorker: 7 })
    await rig.nextNow()
    const reserved = rig.row(7)?.reserved ?? 0
    rig.crash()
    await rig.clock.advance(HOUR_MS / 2)
    stepBoth(rig, -HOUR_MS)
    const successor = await rig.another()
    expect(await successor.nextNow()).toBe('WORKER_POOL_EXHAUSTED')
    await rig.clock.advance(HOUR_MS / 2 + 30_000)
    expect(refusalOf(successor)).toMatchObject({ code: 'WORKER_POOL_EXHAUSTED' })
    await rig.clock.advance(1_001)
    expect(partsOf(successor, await successor.nextNow()).tick).toBeGreaterThan(reserved)
  })

  test('gives another process ids at once, under a worker id that nobody had', async () => {
    const rig = await SnowflakeRig.holding()
    await rig.nextNow()
    await rig.leases.release()
    stepBoth(rig, -HOUR_MS)
    const successor = await rig.another()
    expect(partsOf(successor, await successor.nextNow())).toMatchObject({
      tick: successor.now,
      worker: 1,
    })
  })
})
