import { describe, expect, test } from '@jest/globals'
import { aTag } from '../../../test/support/a-tag.ts'
import { BreakableStore } from '../../../test/support/breakable-store.ts'
import { ManualClock, settled } from '../../../test/support/manual-clock.ts'
import { Answer } from '../../../test/support/test-caller.ts'
import { SnowflakeLayout } from '../entity/snowflake-layout.ts'
import { MAX_ID, type Tag } from '../entity/tag.ts'
import { HighWaterMarks } from './high-water-marks.ts'
import { LossGuard } from './loss-guard.ts'
import { SegmentAllocator } from './segment-allocator.ts'
import type { SegmentLease } from './segment-repository.ts'

const { name } = aTag()

function setUp(row: Partial<Tag> = {}) {
  const store = new BreakableStore()
  const clock = new ManualClock()
  const marks = new HighWaterMarks()
  const { segments, rests, tags } = store
  const ports = { segments, rests, guard: new LossGuard(tags, marks, clock), marks, clock }
  const tag = store.put(aTag(row))
  const newAllocator = () => new SegmentAllocator(tag, ports)
  const allocator = newAllocator()
  const lease = (ids: bigint) => new Answer<SegmentLease>(() => allocator.lease(ids))
  /** What a lease comes to that needs no time. */
  const leased = async (ids: bigint) => {
    const answer = lease(ids)
    await settled()
    return answer.is
  }
  return { store, clock, marks, allocator, newAllocator, lease, leased }
}

describe('the size of a lease', () => {
  test('is what was asked for, whatever the step of the row', async () => {
    const { store, leased } = setUp()
    expect(await leased(250n)).toEqual({ offset: 1n, maxId: 251n })
    expect(await leased(5_000n)).toEqual({ offset: 251n, maxId: 5_251n })
    expect(store.row(name)?.maxId).toBe(5_251n)
  })

  test.each([1_501n, MAX_ID])(
    'is smaller near the end, so that the last id is exactly %s; then the tag is exhausted',
    async (maxValue) => {
      const { leased } = setUp({ maxId: maxValue - 1_500n, maxValue })
      expect(await leased(1_000n)).toMatchObject({ maxId: maxValue - 500n })
      expect(await leased(1_000n)).toEqual({ offset: maxValue - 500n, maxId: maxValue })
      expect(await leased(1_000n)).toBe('TAG_EXHAUSTED')
      expect(await leased(1n)).toBe('TAG_EXHAUSTED')
    },
  )

  test('is what is left also when another instance has taken most of it meanwhile', async () => {
    const { store, leased } = setUp({ maxValue: 2_001n })
    store.edit(name, { maxId: 1_995n })
    expect(await leased(1_000n)).toEqual({ offset: 1_995n, maxId: 2_001n })
  })

  test('can be full again after an exhausted tag was given more room', async () => {
    const { store, leased } = setUp({ maxId: 500n, maxValue: 500n })
    expect(await leased(10n)).toBe('TAG_EXHAUSTED')
    store.edit(name, { maxValue: 1_000n })
    expect(await leased(10n)).toEqual({ offset: 500n, maxId: 510n })
  })
})

describe('a row that has changed', () => {
  test('a step changed by hand is noticed by the next lease, which works with the new one', async () => {
    const { store, allocator, leased } = setUp()
    let offset = 1n
    for (const step of [100, 5_000]) {
      store.edit(name, { step })
      expect(await leased(1_000n)).toEqual({ offset, maxId: offset + 1_000n })
      expect(allocator.tag.step).toBe(step)
      expect(store.segments.asked.at(-1)?.knownStep).toBe(step)
      offset += 1_000n
    }
  })

  test('that changes under every attempt is read again three times, then the attempt has failed', async () => {
    const { store, leased } = setUp()
    let step = 1
    store.segments.line.before = () => {
      step += 1
      store.edit(name, { step })
    }
    expect(await leased(10n)).toBe('STORE_UNAVAILABLE')
    expect(store.segments.line.calls).toBe(4)
    expect(store.tags.confirms.calls).toBe(3)
    expect(store.row(name)?.maxId).toBe(1n)
  })
})

const ANOTHER_STEP = { step: 7 }
const VERDICTS: [string, Partial<Tag>, string][] = [
  ['frozen by an operator', { ...ANOTHER_STEP, freeze: { reason: 'operator' } }, 'TAG_FROZEN'],
  [
    'frozen because it lost ids',
    { ...ANOTHER_STEP, freeze: { reason: 'went-backwards', above: 9n } },
    'STORE_WENT_BACKWARDS',
  ],
  ['with a step of 0', { step: 0 }, 'TAG_OPTION_INVALID'],
  ['with a step below 0', { step: -1000 }, 'TAG_OPTION_INVALID'],
  ['with a negative max_id', { maxId: -5_000n }, 'TAG_OPTION_INVALID'],
  ['below its tombstone', { ...ANOTHER_STEP, deletedMaxId: 2n }, 'STORE_WENT_BACKWARDS'],
]

describe('a row that forbids to lease', () => {
  test.each(VERDICTS)('a row %s', async (_, row, code) => {
    const { store, leased } = setUp()
    store.edit(name, row)
    const { maxId } = store.row(name) ?? {}
    expect(await leased(10n)).toBe(code)
    expect(store.row(name)?.maxId).toBe(maxId)
    expect(await leased(10n)).toBe(code)
    store.put(aTag())
    expect(await leased(10n)).toEqual({ offset: 1n, maxId: 11n })
  })

  test('a row that is gone, for a tag of another mode', async () => {
    const { store, leased } = setUp()
    store.remove(name)
    store.put(aTag({ mode: 'snowflake', layout: SnowflakeLayout.parse('twitter') }))
    expect(await leased(10n)).toBe('MODE_MISMATCH')
    store.put(aTag())
    expect(await leased(10n)).toEqual({ offset: 1n, maxId: 11n })
  })

  test('a row that is gone', async () => {
    const { store, leased } = setUp()
    store.remove(name)
    expect(await leased(10n)).toBe('TAG_NOT_FOUND')
    store.state = 'down'
    expect(await leased(10n)).toBe('STORE_UNAVAILABLE')
  })

  test('a frozen row is leased from only when it was read again without its freeze', async () => {
    const { store, leased } = setUp()
    store.edit(name, { ...ANOTHER_STEP, freeze: { reason: 'operator' } })
    expect(await leased(10n)).toBe('TAG_FROZEN')
    expect(await leased(10n)).toBe('TAG_FROZEN')
    expect(store.segments.line.calls).toBe(1)
  })

  test('a reason that could not be read is no verdict', async () => {
    const { store, leased } = setUp()
    store.remove(name)
    store.tags.confirms.state = 'down'
    expect(await leased(10n)).toBe('STORE_UNAVAILABLE')
  })
})

describe('an attempt', () => {
  test('ends after two seconds; what it may have leased is spent', async () => {
    const { store, clock, marks, lease, leased } = setUp()
    store.segments.line.state = 'held'
    const hung = lease(1_000n)
    await clock.advance(1_999)
    expect(hung.is).toBe('waits')
    expect(store.segments.asked[0]?.signal.aborted).toBe(false)
    await clock.advance(1)
    expect(hung.is).toBe('STORE_UNAVAILABLE')
    expect(store.segments.asked[0]?.signal.aborted).toBe(true)
    store.segments.line.release()
    expect(marks.of(name)).toBe(0n)
    expect(await leased(10n)).toEqual({ offset: 1_001n, maxId: 1_011n })
    expect(clock.pending).toBe(0)
  })

  test('that goes on beyond that, in a store that does not heed it, is not overtaken nor its reply used', async () => {
    const { store, clock, marks, lease, leased } = setUp()
    store.segments.line.state = 'held'
    store.segments.line.isDeaf = true
    const late = lease(1_000n)
    await clock.advance(10_000)
    expect(store.segments.line.calls).toBe(1)
    store.segments.line.release()
    await settled()
    expect(late.is).toBe('STORE_UNAVAILABLE')
    expect(marks.of(name)).toBe(0n)
    expect(await leased(10n)).toEqual({ offset: 1_001n, maxId: 1_011n })
  })

  test('whose reply was lost costs its range and no more', async () => {
    const { store, leased } = setUp()
    store.segments.line.state = 'reply lost'
    expect(await leased(1_000n)).toBe('STORE_UNAVAILABLE')
    store.segments.line.state = 'up'
    expect(await leased(10n)).toEqual({ offset: 1_001n, maxId: 1_011n })
  })

  test('that is answered leaves no timer behind', async () => {
    const { clock, leased } = setUp()
    await leased(10n)
    expect(clock.pending).toBe(0)
  })
})

describe('a store that went backwards', () => {
  test.each([
    ['below all that was leased', 1n, 500n, 1_001n],
    ['just up to the highest', 1n, 1_000n, 1_001n],
    ['across the highest', 901n, 1_000n, 1_901n],
    ['across the highest by one', 1_000n, 1_000n, 2_000n],
  ])('%s: the lease is dropped and the tag frozen', async (_, rewoundTo, ids, above) => {
    const { store, marks, leased } = setUp()
    await leased(1_000n)
    store.edit(name, { maxId: rewoundTo })
    expect(await leased(ids)).toBe('STORE_WENT_BACKWARDS')
    expect(store.row(name)?.freeze).toEqual({ reason: 'went-backwards', above })
    expect(marks.of(name)).toBe(1_001n)
    expect(await leased(ids)).toBe('STORE_WENT_BACKWARDS')
    await store.tags.raise(name, above)
    expect(await leased(ids)).toEqual({ offset: above, maxId: above + ids })
  })

  test('a lease that starts exactly where the last one ended is as it should be', async () => {
    const { store, leased } = setUp()
    await leased(1_000n)
    store.edit(name, { maxId: 1_001n })
    expect(await leased(10n)).toEqual({ offset: 1_001n, maxId: 1_011n })
  })

  test('is noticed by a later allocator of the tag as well', async () => {
    const { store, leased, newAllocator } = setUp()
    await leased(1_000n)
    store.put(aTag())
    const later = new Answer(() => newAllocator().lease(10n))
    await settled()
    expect(later.is).toBe('STORE_WENT_BACKWARDS')
  })

  // What looks like a raise may be another instance's lease; one raise too many is the lesser evil.
  test('is frozen also if the row has moved past the mark meanwhile', async () => {
    const { store, leased } = setUp()
    await leased(1_000n)
    store.edit(name, { maxId: 1n })
    store.tags.freezes.before = () => {
      void store.tags.raise(name, 5_000n)
    }
    expect(await leased(10n)).toBe('STORE_WENT_BACKWARDS')
    expect((await store.tags.raise(name, 1_001n)).freeze).toBeUndefined()
    expect(await leased(10n)).toEqual({ offset: 5_000n, maxId: 5_010n })
  })

  // A backup from before a freeze or a raise has an older generation too.
  test('is frozen also if its generation went back with it', async () => {
    const { store, leased } = setUp({ generation: 3n })
    await leased(1_000n)
    store.edit(name, { maxId: 501n, generation: 0n })
    expect(await leased(1_000n)).toBe('STORE_WENT_BACKWARDS')
    expect(store.row(name)).toMatchObject({ freeze: { above: 1_001n }, generation: 4n })
  })

  test('is frozen before a later allocator of the tag leases, if it could not be at once', async () => {
    const { store, leased, newAllocator } = setUp()
    await leased(1_000n)
    store.edit(name, { maxId: 501n })
    store.tags.freezes.state = 'down'
    expect(await leased(1_000n)).toBe('STORE_UNAVAILABLE')
    store.tags.freezes.state = 'up'
    const later = new Answer(() => newAllocator().lease(10n))
    await settled()
    expect(later.is).toBe('STORE_WENT_BACKWARDS')
  })

  test('and was deleted meanwhile: there is no such tag', async () => {
    const { store, leased } = setUp()
    await leased(1_000n)
    store.edit(name, { maxId: 1n })
    store.tags.freezes.before = () => {
      store.remove(name)
    }
    expect(await leased(10n)).toBe('TAG_NOT_FOUND')
  })

  // Otherwise the leases that follow pass the mark, into what another instance was given before.
  test('is not forgotten because the freeze could not be written at once', async () => {
    const { store, leased } = setUp()
    await leased(1_000n)
    store.edit(name, { maxId: 501n })
    store.tags.freezes.state = 'down'
    expect(await leased(1_000n)).toBe('STORE_UNAVAILABLE')
    store.tags.freezes.state = 'up'
    expect(await leased(1_000n)).toBe('STORE_WENT_BACKWARDS')
    expect(store.row(name)?.freeze).toMatchObject({ reason: 'went-backwards' })
  })
})

test.each([
  ['without ids', { offset: 1n, maxId: 1n }],
  ['upside down', { offset: 11n, maxId: 1n }],
  ['above the highest value', { offset: 1n, maxId: 2_001n }],
  ['below zero', { offset: -5n, maxId: 5n }],
])('a range %s is not believed', async (_, lease) => {
  const { store, marks, leased } = setUp({ maxValue: 2_000n })
  store.segments.lease = async () => lease
  expect(['INTERNAL', 'STORE_WENT_BACKWARDS']).toContain(await leased(10n))
  expect(marks.of(name)).toBe(0n)
})
