import { describe, expect, test } from '@jest/globals'
import { aTag } from '../../../test/support/a-tag.ts'
import { BreakableStore } from '../../../test/support/breakable-store.ts'
import { ManualClock, settled } from '../../../test/support/manual-clock.ts'
import { Answer } from '../../../test/support/test-caller.ts'
import type { Tag } from '../entity/tag.ts'
import { HighWaterMarks } from './high-water-marks.ts'
import { LossGuard } from './loss-guard.ts'
import { SegmentAllocator } from './segment-allocator.ts'
import type { SegmentLease } from './segment-repository.ts'

const { name } = aTag()

/** A tag of which 1 to 10,000 were leased before. */
function setUp(row: Partial<Tag> = {}) {
  const store = new BreakableStore()
  const clock = new ManualClock()
  const marks = new HighWaterMarks()
  const { segments, rests, tags } = store
  const ports = { segments, rests, guard: new LossGuard(tags, marks, clock), marks, clock }
  const tag = store.put(aTag({ maxId: 10_000n, ...row }))
  const newAllocator = () => new SegmentAllocator(tag, ports)
  let allocator = newAllocator()
  const giveBack = (first: bigint, last: bigint, { generation } = tag) =>
    rests.giveBack([{ tag: name, range: { first, last }, generation }])
  const lease = () => new Answer<SegmentLease>(() => allocator.lease(100n))
  /** What a lease comes to that needs no time. */
  const leased = async () => {
    const answer = lease()
    await settled()
    return answer.is
  }
  /** As after the tag was evicted and looked up again. */
  const renew = () => {
    allocator = newAllocator()
  }
  const abandon = () => allocator.abandon()
  return { store, clock, marks, giveBack, lease, leased, renew, abandon }
}

const ANEW = { offset: 10_000n, maxId: 10_100n }

describe('what others gave back', () => {
  test('is taken before anything is leased, lowest first, however much was asked for', async () => {
    const { store, giveBack, leased } = setUp()
    await giveBack(5_001n, 9_000n)
    await giveBack(901n, 1_000n)
    await giveBack(1_001n, 1_001n)
    expect(await leased()).toEqual({ offset: 900n, maxId: 1_000n })
    expect(await leased()).toEqual({ offset: 1_000n, maxId: 1_001n })
    expect(await leased()).toEqual({ offset: 5_000n, maxId: 9_000n })
    expect(store.segments.line.calls).toBe(0)
    expect(await leased()).toEqual(ANEW)
    expect(store.row(name)?.maxId).toBe(10_100n)
  })

  test('is not asked for again for a minute once there was none', async () => {
    const { store, clock, giveBack, leased } = setUp()
    expect(await leased()).toEqual(ANEW)
    store.edit(name, { maxId: 10_200n })
    await giveBack(10_101n, 10_200n)
    await clock.advance(59_999)
    expect(await leased()).toEqual({ offset: 10_200n, maxId: 10_300n })
    expect(store.rests.takes.calls).toBe(1)
    store.edit(name, { maxId: 10_400n })
    await giveBack(10_301n, 10_400n)
    await clock.advance(1)
    expect(await leased()).toEqual({ offset: 10_300n, maxId: 10_400n })
    expect(store.rests.takes.calls).toBe(2)
  })

  test('is left alone where this process leased above it', async () => {
    const { giveBack, leased, renew } = setUp()
    await giveBack(5_001n, 9_000n)
    expect(await leased()).toEqual({ offset: 5_000n, maxId: 9_000n })
    await giveBack(901n, 1_000n)
    await giveBack(9_000n, 9_100n)
    renew()
    expect(await leased()).toEqual(ANEW)
  })

  test('is taken also by a tag that has nothing left to lease', async () => {
    const { giveBack, leased } = setUp({ maxValue: 10_000n })
    await giveBack(9_001n, 10_000n)
    expect(await leased()).toEqual({ offset: 9_000n, maxId: 10_000n })
    expect(await leased()).toBe('TAG_EXHAUSTED')
  })

  test('counts as leased by this process', async () => {
    const { store, marks, giveBack, leased } = setUp()
    await giveBack(5_001n, 9_000n)
    await leased()
    expect(marks.of(name)).toBe(9_000n)
    store.edit(name, { maxId: 100n })
    expect(await leased()).toBe('STORE_WENT_BACKWARDS')
  })

  test('is nothing of this tag if it was leased under another generation', async () => {
    const { giveBack, leased } = setUp({ generation: 3n })
    await giveBack(5_001n, 9_000n, aTag({ generation: 2n }))
    await giveBack(901n, 1_000n, aTag({ generation: 4n }))
    expect(await leased()).toEqual(ANEW)
  })

  test('is not asked for while the row forbids to lease', async () => {
    const { store, giveBack, leased } = setUp({ freeze: { reason: 'operator' } })
    await giveBack(5_001n, 9_000n)
    expect(await leased()).toBe('TAG_FROZEN')
    expect(store.rests.takes.calls).toBe(0)
  })
})

test('rests that cannot be had keep nobody from leasing', async () => {
  const { store, clock, leased } = setUp()
  store.rests.takes.state = 'down'
  expect(await leased()).toBe('STORE_UNAVAILABLE')
  expect(await leased()).toEqual(ANEW)
  await clock.advance(60_000)
  expect(await leased()).toBe('STORE_UNAVAILABLE')
  expect(await leased()).toMatchObject({ offset: 10_100n })
})

test('a tag that is used up asks for rests each time', async () => {
  const { store, giveBack, leased } = setUp({ maxValue: 10_000n })
  expect(await leased()).toBe('TAG_EXHAUSTED')
  await giveBack(901n, 1_000n)
  expect(await leased()).toEqual({ offset: 900n, maxId: 1_000n })
  expect(await leased()).toBe('TAG_EXHAUSTED')
  expect(store.segments.line.calls).toBe(0)
})

describe('a rest whose reply', () => {
  test('is lost is spent, and the next attempt leases anew', async () => {
    const { store, clock, giveBack, leased } = setUp()
    await giveBack(901n, 1_000n)
    store.rests.takes.state = 'reply lost'
    expect(await leased()).toBe('STORE_UNAVAILABLE')
    expect(store.segments.line.calls).toBe(0)
    expect(await leased()).toEqual(ANEW)
    store.rests.takes.state = 'up'
    await giveBack(10_101n, 10_200n)
    store.edit(name, { maxId: 10_200n })
    await clock.advance(60_000)
    expect(await leased()).toEqual({ offset: 10_100n, maxId: 10_200n })
  })

  test.each([true, false])('comes after two seconds is spent (deaf: %s)', async (isDeaf) => {
    const { store, clock, marks, giveBack, lease, leased } = setUp()
    await giveBack(901n, 1_000n)
    Object.assign(store.rests.takes, { state: 'held', isDeaf })
    const late = lease()
    await clock.advance(1_999)
    expect(late.is).toBe('waits')
    await clock.advance(1)
    store.rests.takes.release()
    await settled()
    expect(late.is).toBe('STORE_UNAVAILABLE')
    expect(marks.of(name)).toBe(0n)
    expect(await leased()).toEqual(ANEW)
    expect(clock.pending).toBe(0)
  })

  test('comes after the allocator was abandoned is spent', async () => {
    const { store, clock, marks, giveBack, lease, abandon } = setUp()
    await giveBack(901n, 1_000n)
    Object.assign(store.rests.takes, { state: 'held', isDeaf: true })
    const answer = lease()
    await settled()
    abandon()
    store.rests.takes.release()
    await settled()
    expect(answer.is).toBe('STORE_UNAVAILABLE')
    expect(marks.of(name)).toBe(0n)
    expect(clock.pending).toBe(0)
  })
})

describe('a rest that cannot be', () => {
  test.each([
    ['is empty', { offset: 900n, maxId: 900n }],
    ['begins below the first id', { offset: -1n, maxId: 100n }],
    ['ends above the highest', { offset: 19_990n, maxId: 20_001n }],
    ['begins below what this process leased', { offset: 899n, maxId: 1_000n }],
  ])('is not believed: one that %s', async (_, rest) => {
    const { store, marks, leased } = setUp({ maxValue: 20_000n })
    marks.raise(name, 900n)
    store.rests.take = async () => rest
    expect(await leased()).toBe('INTERNAL')
    expect(marks.of(name)).toBe(900n)
  })
})
