import { describe, expect, test } from '@jest/globals'
import { GeneratorRig } from '../../../test/support/generator-rig.ts'
import { settled } from '../../../test/support/manual-clock.ts'
import { TestCaller } from '../../../test/support/test-caller.ts'
import { doubleBuffer } from './double-buffer.ts'
import type { PrefetchPolicy } from './prefetch.ts'

const TWO_BUFFERS = doubleBuffer({ sizing: 'fixed', prefetchAt: 0.2 })

describe('a caller that waits', () => {
  test('is answered or dismissed at its own deadline and nobody else at that', async () => {
    const rig = new GeneratorRig()
    rig.store.segments.line.state = 'held'
    const hasty = rig.next(new TestCaller(rig.clock, 100))
    const patient = rig.next(new TestCaller(rig.clock, 300))
    await rig.clock.advance(99)
    expect([hasty.is, patient.is]).toEqual(['waits', 'waits'])
    await rig.clock.advance(1)
    expect([hasty.is, patient.is]).toEqual(['DEADLINE_EXCEEDED', 'waits'])
    rig.store.segments.line.release()
    await settled()
    expect(patient.is).toBe(2n)
    expect(rig.clock.pending).toBe(0)
  })

  test('takes nothing when it leaves, and the next in line gets what it would have got', async () => {
    const rig = new GeneratorRig()
    rig.store.segments.line.state = 'held'
    const leaver = new TestCaller(rig.clock)
    const left = rig.take(500, leaver)
    const stays = rig.next()
    leaver.leave()
    rig.store.segments.line.release()
    await settled()
    expect([left.is, stays.is]).toEqual(['DEADLINE_EXCEEDED', 2n])
    expect(rig.generator.givenOut).toBe(1n)
  })

  test('shares its lease with all others that wait, who are served in order', async () => {
    const rig = new GeneratorRig()
    rig.store.segments.line.state = 'held'
    const first = rig.next()
    const many = rig.take(10)
    const last = rig.next()
    await settled()
    expect(rig.leases).toBe(1)
    rig.store.segments.line.release()
    await settled()
    expect([first.is, many.is, last.is]).toEqual([2n, [{ first: 3n, last: 12n }], 13n])
    expect(rig.leases).toBe(1)
    expect(rig.store.segments.line.mostInFlight).toBe(1)
  })

  test('for more than a step costs one lease', async () => {
    const rig = new GeneratorRig()
    const answer = rig.take(5_500)
    await settled()
    expect(answer.is).toEqual([{ first: 2n, last: 5_501n }])
    expect(rig.leases).toBe(1)
  })

  test('is told that the store is unavailable if the last attempt failed', async () => {
    const rig = new GeneratorRig()
    rig.store.state = 'down'
    const answer = rig.next(new TestCaller(rig.clock, 300))
    await rig.clock.advance(300)
    expect(answer.is).toBe('STORE_UNAVAILABLE')
  })

  test('is told of its deadline if an attempt is under way and those before it went well', async () => {
    const rig = new GeneratorRig()
    rig.store.state = 'down'
    rig.next()
    await settled()
    rig.store.state = 'up'
    await rig.clock.advance(500)
    rig.store.segments.line.state = 'held'
    const late = rig.take(2_000, new TestCaller(rig.clock, 300))
    await rig.clock.advance(300)
    expect(late.is).toBe('DEADLINE_EXCEEDED')
  })

  test.each([false, true])(
    'does not hang on a store that hangs for ever (heeding no signal: %s)',
    async (isDeaf) => {
      const rig = new GeneratorRig()
      Object.assign(rig.store.segments.line, { state: 'held', isDeaf })
      const answers = [1, 50, 4_999, 60_000].map((ms) => rig.next(new TestCaller(rig.clock, ms)))
      await rig.clock.advance(4_999)
      for (const { is } of answers.slice(0, 3)) {
        expect(is).toMatch(/^(DEADLINE_EXCEEDED|STORE_UNAVAILABLE)$/)
      }
      expect(answers[3]?.is).toBe('waits')
      await rig.clock.advance(55_001)
      expect(answers[3]?.is).toMatch(/^(DEADLINE_EXCEEDED|STORE_UNAVAILABLE)$/)
      expect(rig.store.segments.line.mostInFlight).toBe(1)
    },
  )
})

describe('too many that wait', () => {
  test.each([
    ['callers', { callersMax: 2, idsMax: 1_000 }, 1],
    ['ids', { callersMax: 100, idsMax: 20 }, 10],
  ])('%s: one more is refused at once, until there is room again', async (_, waiting, count) => {
    const rig = new GeneratorRig({ waiting })
    rig.store.segments.line.state = 'held'
    const leaver = new TestCaller(rig.clock)
    rig.take(count, leaver)
    const kept = rig.take(count)
    const refused = rig.take(count)
    await settled()
    expect([kept.is, refused.is]).toEqual(['waits', 'OVERLOADED'])
    leaver.leave()
    const welcome = rig.take(count)
    rig.store.segments.line.release()
    await settled()
    expect(refused.is).toBe('OVERLOADED')
    expect([kept.is, welcome.is]).toEqual([expect.any(Array), expect.any(Array)])
  })

  test('do not keep those from their ids for whom there are some in memory', async () => {
    const rig = new GeneratorRig({ waiting: { callersMax: 1, idsMax: 1_000 } })
    expect(await rig.nextNow()).toBe(2n)
    rig.store.segments.line.state = 'held'
    rig.take(1_000)
    expect(await rig.nextNow()).toBe(3n)
  })
})

describe('ids in memory', () => {
  test('go on while the store is down, to the last one', async () => {
    const rig = new GeneratorRig({ policy: TWO_BUFFERS })
    expect(await rig.nextNow()).toBe(2n)
    rig.store.state = 'down'
    for (let id = 3n; id <= 1_001n; id++)
      expect(rig.generator.next(new TestCaller(rig.clock))).toBe(id)
    expect(rig.leases).toBe(2)
    const dry = rig.next()
    rig.store.state = 'up'
    await rig.clock.advance(500)
    expect(dry.is).toBe(1_002n)
  })

  test('are not lost to a fault that says nothing about them', async () => {
    const rig = new GeneratorRig({ policy: TWO_BUFFERS })
    await rig.nextNow()
    rig.store.segments.lease = async () => {
      throw new TypeError('a fault of the program')
    }
    rig.take(900)
    await settled()
    expect(await rig.nextNow()).toBe(903n)
  })

  test('that are taken across the end of a segment leave the next one watched as well', async () => {
    const rig = new GeneratorRig({ policy: TWO_BUFFERS })
    rig.take(900)
    await settled()
    expect(rig.leases).toBe(2)
    rig.take(200)
    rig.take(700)
    await settled()
    expect(rig.leases).toBe(3)
    for (let id = 1_802n; id <= 2_500n; id++) {
      expect(rig.generator.next(new TestCaller(rig.clock))).toBe(id)
    }
  })

  test('that are taken one by one across the end of a segment do as well', async () => {
    const rig = new GeneratorRig({ policy: TWO_BUFFERS })
    await rig.nextNow()
    for (let id = 3n; id <= 4_500n; id++) {
      expect(rig.generator.next(new TestCaller(rig.clock))).toBe(id)
      if (id % 100n === 0n) await settled()
    }
    expect(rig.leases).toBe(5)
  })
})

test.each([0, 1])(
  'a count of %s more than is left waits, and takes nothing until then',
  async (more) => {
    const rig = new GeneratorRig()
    await rig.nextNow()
    rig.store.segments.line.state = 'held'
    const answer = rig.take(999 + more)
    await settled()
    if (more === 0) expect(answer.is).toEqual([{ first: 3n, last: 1_001n }])
    else {
      expect(answer.is).toBe('waits')
      expect(rig.generator.state().ranges).toEqual([{ first: 3n, last: 1_001n }])
    }
  },
)

describe('a policy that would look again much later', () => {
  const patient: PrefetchPolicy = ({ behind }) => ({
    lease: behind < 2000 ? 1000 : 0,
    reviewAfter: 1_000_000,
  })

  test.each([1, 7, 1000])(
    'is asked at the end of each segment, after %d at once',
    async (count) => {
      const rig = new GeneratorRig({ policy: patient })
      await rig.nextNow()
      const answers: unknown[] = []
      for (let asked = 0; asked < 3000; asked++) {
        if (asked % 1000 === 0) rig.take(count)
        answers.push(await rig.nextNow())
      }
      const expected = answers.map((_, asked) =>
        BigInt(3 + asked + count * (Math.floor(asked / 1000) + 1)),
      )
      expect(answers).toEqual(expected)
    },
  )
})
