import { describe, expect, jest, test } from '@jest/globals'
import { shuttingDown } from '../../../pkg/errors/failures.ts'
import { settled } from '../../../test/support/manual-clock.ts'
import { expectSound, idsIn, rangesOf } from '../../../test/support/snowflake-ids.ts'
import { SnowflakeRig } from '../../../test/support/snowflake-rig.ts'
import { Answer, TestCaller } from '../../../test/support/test-caller.ts'
import type { SnowflakeGenerator } from './snowflake-generator.ts'

/** As many as 25 ticks of twitter have. */
const MANY = 100_000

function tickOf(rig: SnowflakeRig, answer: Answer<bigint>): number {
  return rig.layout.unpack(BigInt(answer.is)).tick
}

/** What a call that needs no time is answered or refused with. */
function nowOf(call: () => unknown): unknown {
  try {
    return call()
  } catch (thrown) {
    return thrown
  }
}

describe('while somebody takes a hundred thousand ids', () => {
  test('other callers of the tag get theirs when the next tick begins, each tick again', async () => {
    const rig = await SnowflakeRig.holding()
    const many = rig.take(MANY)
    for (let tick = 0; tick < 20; tick++) {
      const answers = Array.from({ length: 10 }, () => rig.next())
      await settled()
      expect(answers.map(({ is }) => is)).toEqual(answers.map(() => 'waits'))
      await rig.clock.advance(1)
      expect(answers.map((answer) => tickOf(rig, answer))).toEqual(answers.map(() => rig.now))
    }
    expect(many.is).toBe('waits')
    await rig.clock.advance(5)
    expectSound(rangesOf(many), MANY, rig.layout)
  })

  test('callers of another tag do not wait at all', async () => {
    const rig = await SnowflakeRig.holding()
    const other = rig.newGenerator()
    await other.next(new TestCaller(rig.clock))
    await rig.clock.advance(1)
    const many = rig.take(MANY)
    for (let tick = 0; tick < 24; tick++) {
      expect(typeof other.next(new TestCaller(rig.clock))).toBe('bigint')
      expect(other.take(1_000, new TestCaller(rig.clock))).toHaveLength(1)
      expect(many.is).toBe('waits')
      await rig.clock.advance(1)
    }
    expectSound(rangesOf(many), MANY, rig.layout)
  })

  test('somebody who takes as many gets half of each tick, and nobody gets any twice', async () => {
    const rig = await SnowflakeRig.holding()
    const takes = [rig.take(MANY), rig.take(MANY)]
    await rig.clock.advance(46)
    expect(takes.filter(({ is }) => is !== 'waits')).toHaveLength(0)
    await rig.clock.advance(2)
    const ids = takes.flatMap((take) => idsIn(rangesOf(take)))
    expect(new Set(ids).size).toBe(2 * MANY)
    for (const take of takes) expectSound(rangesOf(take), MANY, rig.layout)
  })

  test('more of them than a tick has ids are served by turns, first come, first served', async () => {
    const rig = await SnowflakeRig.holding({ layout: 'sonyflake' })
    const first = rig.take(256 + 400)
    const answers = Array.from({ length: 400 }, () => rig.next())
    await rig.clock.advance(10)
    const served = answers.map(({ is }) => is !== 'waits')
    expect(served).toEqual(answers.map((_, index) => index < 256))
    await rig.clock.advance(10)
    expect(answers.map(({ is }) => is)).not.toContain('waits')
    await rig.clock.advance(20)
    expectSound(rangesOf(first), 656, rig.layout)
  })
})

describe('a new caller', () => {
  test('does not get ahead of those who wait, though their timer is late', async () => {
    const rig = await SnowflakeRig.holding()
    rig.take(4_096)
    const waiting = [rig.next(), rig.take(3)]
    await settled()
    rig.clock.pause(1)
    const late = rig.next()
    await settled()
    const id = (sequence: number) => rig.layout.pack({ tick: rig.now, worker: 0, sequence })
    expect(waiting[0]?.is).toBe(id(0))
    expect(waiting[1]?.is).toEqual([{ first: id(1), last: id(3), step: 1n }])
    expect(late.is).toBe(id(4))
    expect(rig.clock.pending).toBe(1)
  })

  test('is not let in where too many wait already, in number or in ids', async () => {
    const rig = await SnowflakeRig.holding({ waiting: { callersMax: 3, idsMax: 10_000 } })
    rig.take(4_096)
    const waiting = [rig.take(9_998), rig.next()]
    const overloaded = { code: 'OVERLOADED', retryAfterMs: 1_000 }
    expect(nowOf(() => rig.generator.take(2, new TestCaller(rig.clock)))).toMatchObject(overloaded)
    waiting.push(rig.next())
    expect(nowOf(() => rig.generator.next(new TestCaller(rig.clock)))).toMatchObject(overloaded)
    await rig.clock.advance(4)
    expect(waiting.map(({ is }) => is)).not.toContain('waits')
    expect(await rig.nextNow()).not.toBe('waits')
  })
})

describe('a caller’s deadline', () => {
  test.each([
    [4_097, 1.1, true],
    [4_097, 0.9, false],
    [MANY, 24.1, true],
    [MANY, 23.9, false],
    [1_000_000, 244.1, true],
    [1_000_000, 100, false],
  ])('for %s ids in %s ms: can be met: %s', async (count, patienceMs, isMet) => {
    const rig = await SnowflakeRig.holding()
    const caller = new TestCaller(rig.clock, patienceMs)
    if (!isMet) {
      const refusal = nowOf(() => rig.generator.take(count, caller))
      expect(refusal).toMatchObject({ code: 'DEADLINE_EXCEEDED' })
      expect([rig.generator.givenOut, rig.clock.pending]).toEqual([0n, 1])
      return
    }
    const answer = rig.take(count, caller)
    for (let ms = 0; ms < patienceMs; ms++) await rig.clock.advance(1)
    expectSound(rangesOf(answer), count, rig.layout)
  })

  test('of a coarse tick counts in its ticks', async () => {
    const rig = await SnowflakeRig.holding({ layout: 'sonyflake' })
    const impatient = new TestCaller(rig.clock, 29)
    const refusal = nowOf(() => rig.generator.take(1_024, impatient))
    expect(refusal).toMatchObject({ code: 'DEADLINE_EXCEEDED' })
    const answer = rig.take(1_024, new TestCaller(rig.clock, 31))
    await rig.clock.advance(30)
    expectSound(rangesOf(answer), 1_024, rig.layout)
  })

  test('is measured from within the tick that has begun', async () => {
    const rig = await SnowflakeRig.holding({ layout: 'sonyflake' })
    await rig.clock.advance(9)
    const refusal = nowOf(() => rig.generator.take(1_024, new TestCaller(rig.clock, 20)))
    expect(refusal).toMatchObject({ code: 'DEADLINE_EXCEEDED' })
    const answer = rig.take(1_024, new TestCaller(rig.clock, 22))
    await rig.clock.advance(21)
    expectSound(rangesOf(answer), 1_024, rig.layout)
  })

  test('that comes half way ends it; what it had is a gap, and others go on', async () => {
    const rig = await SnowflakeRig.holding()
    const patient = rig.take(MANY)
    const hasty = rig.take(40_000, new TestCaller(rig.clock, 12))
    await rig.clock.advance(12)
    expect(hasty.is).toBe('DEADLINE_EXCEEDED')
    expect(rig.generator.state().waiters).toBe(1)
    await rig.clock.advance(19)
    expectSound(rangesOf(patient), MANY, rig.layout)
    expect([rig.generator.isIdle, rig.clock.pending]).toEqual([true, 1])
  })

  test('that has passed already is no hindrance while there are ids', async () => {
    const rig = await SnowflakeRig.holding()
    expect(typeof rig.generator.next(new TestCaller(rig.clock, -5))).toBe('bigint')
    expect(rig.generator.take(4_000, new TestCaller(rig.clock, -5))).toHaveLength(1)
    const late = rig.take(400, new TestCaller(rig.clock, -5))
    await rig.clock.advance(0)
    expect(late.is).toBe('DEADLINE_EXCEEDED')
  })
})

describe('a caller that leaves half way', () => {
  test('takes nothing more, and nobody waits for it', async () => {
    const rig = await SnowflakeRig.holding()
    const caller = new TestCaller(rig.clock)
    const leaver = rig.take(MANY, caller)
    await rig.clock.advance(5)
    const { givenOut } = rig.generator
    caller.leave()
    await settled()
    expect(leaver.is).toBe('DEADLINE_EXCEEDED')
    expect(rig.generator.isIdle).toBe(true)
    await rig.clock.advance(5)
    expect(rig.generator.givenOut).toBe(givenOut)
    expect(rig.clock.pending).toBe(1)
    expect(await rig.nextNow()).not.toBe('waits')
  })
})

describe('a generator that is closed', () => {
  /** What its callers are told, now and later. */
  async function toldBy(rig: SnowflakeRig, generator: SnowflakeGenerator): Promise<unknown[]> {
    const told = [
      new Answer<unknown>(() => generator.next(new TestCaller(rig.clock))),
      new Answer<unknown>(() => generator.take(5, new TestCaller(rig.clock))),
    ]
    await settled()
    return told.map(({ is }) => is)
  }

  test('tells who waits, and who comes later, and leaves no timer', async () => {
    const rig = await SnowflakeRig.holding()
    const answers = [rig.take(MANY), rig.next()]
    await settled()
    rig.generator.close(shuttingDown(1))
    rig.generator.close(shuttingDown(1))
    await settled()
    expect(answers.map(({ is }) => is)).toEqual(['SHUTTING_DOWN', 'SHUTTING_DOWN'])
    await rig.leases.release()
    expect(rig.clock.pending).toBe(0)
    expect(await toldBy(rig, rig.generator)).toEqual(['SHUTTING_DOWN', 'SHUTTING_DOWN'])
  })

  test('gives nothing of the tick that it had begun, nor of one to come', async () => {
    const rig = await SnowflakeRig.holding()
    await rig.nextNow()
    rig.generator.close(shuttingDown(1))
    expect(await toldBy(rig, rig.generator)).toEqual(['SHUTTING_DOWN', 'SHUTTING_DOWN'])
    await rig.clock.advance(50)
    expect(await toldBy(rig, rig.generator)).toEqual(['SHUTTING_DOWN', 'SHUTTING_DOWN'])
    expect(rig.generator.givenOut).toBe(1n)
  })

  test('is let go of by its lease, which outlives it', async () => {
    const rig = await SnowflakeRig.holding()
    const letGo = jest.fn<() => void>()
    jest.spyOn(rig.lease, 'onChange').mockReturnValue(letGo)
    const generator = rig.newGenerator()
    expect(letGo).not.toHaveBeenCalled()
    generator.close(shuttingDown(1))
    expect(letGo).toHaveBeenCalledTimes(1)
  })
})
