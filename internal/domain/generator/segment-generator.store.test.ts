import { describe, expect, test } from '@jest/globals'
import { GeneratorRig } from '../../../test/support/generator-rig.ts'
import { settled } from '../../../test/support/manual-clock.ts'
import { TestCaller } from '../../../test/support/test-caller.ts'
import type { Tag } from '../entity/tag.ts'
import { doubleBuffer } from './double-buffer.ts'

// How the store is treated: how often it is asked while it is down, and after its verdict on a tag.

const TWO_BUFFERS = doubleBuffer({ sizing: 'fixed', prefetchAt: 0.2 })

/** A generator whose first lease is in memory, and whose next one, for nobody yet, fails. */
async function rigInTrouble(): Promise<GeneratorRig> {
  const rig = new GeneratorRig({ policy: TWO_BUFFERS })
  await rig.nextNow()
  rig.store.state = 'down'
  rig.take(900)
  await settled()
  expect(rig.leases).toBe(2)
  return rig
}

/** Waits so long, and sees the next lease only then. */
async function leaseComesAfter(rig: GeneratorRig, waitMs: number): Promise<void> {
  const { leases } = rig
  await rig.clock.advance(waitMs - 0.5)
  expect(rig.leases).toBe(leases)
  await rig.clock.advance(0.5)
  expect(rig.leases).toBe(leases + 1)
}

describe('while the store is down', () => {
  test.each([0.25, 0.5, 1])(
    'and somebody waits, it is tried again within 500 ms, with jitter (%s)',
    async (chance) => {
      const rig = new GeneratorRig()
      rig.chance = chance
      rig.store.segments.line.state = 'down'
      rig.next(new TestCaller(rig.clock, 60_000))
      await settled()
      for (const boundMs of [50, 100, 200, 400, 500, 500, 500]) {
        await leaseComesAfter(rig, boundMs * chance)
      }
    },
  )

  test('and nobody waits, it is tried again within 10 s', async () => {
    const rig = await rigInTrouble()
    rig.chance = 1
    // The first wait was drawn before.
    await leaseComesAfter(rig, 25)
    for (const boundMs of [100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]) {
      await leaseComesAfter(rig, boundMs)
    }
  })

  test('the first caller that has to wait cuts short a back-off that was meant for nobody', async () => {
    const rig = await rigInTrouble()
    rig.chance = 1
    await rig.clock.advance(10_000)
    const { leases } = rig
    rig.store.state = 'up'
    const answer = rig.take(500)
    await settled()
    expect(rig.leases).toBeGreaterThan(leases)
    expect(answer.is).not.toBe('waits')
  })

  test('callers who come and go in quick succession do not make it tried more often', async () => {
    const rig = new GeneratorRig({ policy: TWO_BUFFERS })
    rig.chance = 1
    rig.store.state = 'down'
    for (let ms = 0; ms < 10_000; ms += 10) {
      rig.next(new TestCaller(rig.clock, 5))
      await rig.clock.advance(10)
    }
    // Two every 500 ms, and the quick ones at the beginning.
    expect(rig.leases).toBeLessThanOrEqual(60)
  })

  test('many callers at once do not make it tried more often', async () => {
    const rig = new GeneratorRig()
    rig.chance = 1
    rig.store.state = 'down'
    for (let ms = 0; ms < 2_000; ms += 100) {
      rig.next()
      await rig.clock.advance(100)
    }
    expect(rig.leases).toBeLessThanOrEqual(8)
  })

  test('after an outcome that is unknown the next lease risks at most a step', async () => {
    const rig = new GeneratorRig()
    rig.store.segments.line.state = 'reply lost'
    const answer = rig.take(5_000)
    await settled()
    await rig.clock.advance(25)
    rig.store.segments.line.state = 'up'
    await rig.clock.advance(500)
    const [first, second, third] = rig.store.segments.asked.map(({ size }) => size)
    expect([first, second, third]).toEqual([5_000n, 1_000n, 1_000n])
    expect(answer.is).toEqual([{ first: 6_002n, last: 11_001n }])
  })

  test('also when nobody has waited for ids since', async () => {
    const rig = new GeneratorRig()
    rig.store.segments.line.state = 'reply lost'
    rig.take(5_000, new TestCaller(rig.clock, 10))
    await rig.clock.advance(500)
    rig.store.segments.line.state = 'up'
    const answer = rig.take(3_000)
    await settled()
    expect(rig.store.segments.asked.slice(1).map(({ size }) => size)).toEqual([1_000n, 3_000n])
    expect(answer.is).toEqual([{ first: 5_002n, last: 8_001n }])
  })

  test('a step that is wished for is enough, also when less is', async () => {
    const rig = new GeneratorRig()
    rig.store.segments.line.state = 'reply lost'
    const answer = rig.next()
    await settled()
    rig.store.segments.line.state = 'up'
    await rig.clock.advance(25)
    expect(answer.is).toBe(1_002n)
  })
})

const FROZEN: Partial<Tag> = { step: 500, freeze: { reason: 'operator' } }

describe("the store's verdict", () => {
  test('reaches all who wait at once, and the store is left alone for a while', async () => {
    const rig = new GeneratorRig()
    rig.store.edit(rig.tag.name, FROZEN)
    const answers = [rig.next(), rig.take(7), rig.next()]
    await settled()
    expect(answers.map(({ is }) => is)).toEqual(['TAG_FROZEN', 'TAG_FROZEN', 'TAG_FROZEN'])
    const { confirms } = rig.store.tags
    const { calls } = confirms
    await rig.clock.advance(4_999)
    for (let n = 0; n < 10; n++) expect(await rig.nextNow()).toBe('TAG_FROZEN')
    expect([confirms.calls, rig.leases]).toEqual([calls, 1])
    await rig.clock.advance(1)
    for (let n = 0; n < 10; n++) expect(await rig.nextNow()).toBe('TAG_FROZEN')
    expect([confirms.calls, rig.leases]).toEqual([calls + 1, 1])
    expect(rig.clock.pending).toBe(0)
  })

  test('is asked for again when it has lapsed, and may be another', async () => {
    const rig = new GeneratorRig()
    rig.store.edit(rig.tag.name, FROZEN)
    expect(await rig.nextNow()).toBe('TAG_FROZEN')
    rig.store.edit(rig.tag.name, { freeze: undefined })
    expect(await rig.nextNow()).toBe('TAG_FROZEN')
    await rig.clock.advance(5_000)
    expect(await rig.nextNow()).toBe(2n)
  })

  test('that the tag is exhausted does not touch the last ids', async () => {
    const rig = new GeneratorRig({ row: { maxValue: 6n } })
    expect(await rig.nextNow()).toBe(2n)
    const tooMany = rig.take(5)
    await settled()
    expect(tooMany.is).toBe('TAG_EXHAUSTED')
    const last = rig.take(3)
    expect(await rig.nextNow()).toBe(6n)
    expect(last.is).toEqual([{ first: 3n, last: 5n }])
    const { calls } = rig.store.tags.confirms
    for (let n = 0; n < 10; n++) expect(await rig.nextNow()).toBe('TAG_EXHAUSTED')
    expect(rig.store.tags.confirms.calls).toBe(calls)
  })

  test.each<[string, (rig: GeneratorRig) => void, string]>([
    ['is frozen', ({ store, tag }) => store.edit(tag.name, FROZEN), 'TAG_FROZEN'],
    ['is gone', ({ store, tag }) => store.remove(tag.name), 'TAG_NOT_FOUND'],
    ['lost ids', ({ store, tag }) => store.edit(tag.name, { maxId: 1n }), 'STORE_WENT_BACKWARDS'],
  ])('that the tag %s stops also the ids in memory', async (_, change, code) => {
    const rig = new GeneratorRig({ policy: TWO_BUFFERS })
    await rig.nextNow()
    change(rig)
    rig.take(900)
    await settled()
    expect(await rig.nextNow()).toBe(code)
    expect(rig.observer.drops).toEqual([99n])
  })
})
