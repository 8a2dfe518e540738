import { describe, expect, test } from '@jest/globals'
import { aTag } from '../../../test/support/a-tag.ts'
import { BreakableStore } from '../../../test/support/breakable-store.ts'
import { ManualClock, settled } from '../../../test/support/manual-clock.ts'
import { parseTagName, type Tag } from '../entity/tag.ts'
import { HighWaterMarks } from './high-water-marks.ts'
import { LossGuard } from './loss-guard.ts'

const { name } = aTag()

/** An instance that leased up to `mark`. */
function instance(store: BreakableStore, mark: bigint): LossGuard {
  const marks = new HighWaterMarks()
  marks.raise(name, mark)
  return new LossGuard(store.tags, marks, new ManualClock())
}

function storeWith(row: Partial<Tag>): BreakableStore {
  const store = new BreakableStore()
  store.put(aTag(row))
  return store
}

async function confirmed(guard: LossGuard): Promise<Tag | undefined> {
  return (await guard.confirm([aTag()])).get(name)
}

describe('a row that is read', () => {
  test('below what this instance leased is frozen, above that', async () => {
    const store = storeWith({ maxId: 1n })
    expect((await confirmed(instance(store, 6_001n)))?.freeze).toEqual({
      reason: 'went-backwards',
      above: 6_001n,
    })
    expect(store.row(name)?.freeze).toMatchObject({ above: 6_001n })
  })

  test('at what this instance leased, or above, stays as it is', async () => {
    const store = storeWith({ maxId: 6_001n })
    expect(await confirmed(instance(store, 6_001n))).toEqual(aTag({ maxId: 6_001n }))
    expect(await confirmed(instance(store, 5n))).toEqual(aTag({ maxId: 6_001n }))
  })

  // Else whoever raises it to the value that the first one named would repeat the other's ids.
  test('and is frozen already gets the highest value that any instance knows of', async () => {
    const store = storeWith({ maxId: 1n })
    await confirmed(instance(store, 6_001n))
    await confirmed(instance(store, 12_001n))
    await confirmed(instance(store, 9_001n))
    expect(store.row(name)?.freeze).toMatchObject({ above: 12_001n })
    expect((await store.tags.raise(name, 6_001n)).freeze).toBeDefined()
    expect((await store.tags.raise(name, 12_001n)).freeze).toBeUndefined()
  })

  test('while a lease ends is not mistaken for a loss', async () => {
    const store = storeWith({ maxId: 1n })
    const marks = new HighWaterMarks()
    const guard = new LossGuard(store.tags, marks, new ManualClock())
    store.tags.confirms.state = 'held'
    const reading = guard.confirm([aTag()])
    await settled()
    marks.raise(name, 1_001n)
    store.tags.confirms.release()
    expect((await reading).get(name)?.freeze).toBeUndefined()
  })
})

test('a tag that cannot be frozen hides nothing of the others, and stays owed', async () => {
  const store = storeWith({ maxId: 1n })
  const other = store.put(aTag({ name: parseTagName('other'), generation: 7n }))
  const guard = instance(store, 6_001n)
  store.tags.freezes.state = 'down'
  expect((await guard.confirm([aTag(), other])).get(other.name)).toEqual(other)
  await expect(guard.reread(aTag())).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  expect(guard.owesFreeze(name)).toBe(true)
})

describe('a first look', () => {
  test('is a plain read where that shows nothing amiss', async () => {
    const store = storeWith({ maxId: 1n })
    expect(await instance(store, 1n).find(name, () => true)).toEqual(aTag())
    expect(store.tags.confirms.calls).toBe(0)
  })

  test.each([
    ['the tag is missing', undefined, 0n, true],
    ['the tag is not good', aTag(), 0n, false],
    ['ids were lost', aTag(), 2n, true],
  ] as const)('is a read that is believed where %s', async (_, row, mark, isGood) => {
    const store = new BreakableStore()
    if (row !== undefined) store.put(row)
    await instance(store, mark).find(name, () => isGood)
    expect(store.tags.confirms.calls).toBe(1)
  })
})

describe('first looks at many tags at once', () => {
  const names = Array.from({ length: 300 }, (_, n) => parseTagName(`t-${n}`))
  const look = (guard: LossGuard) =>
    Promise.allSettled(names.map((one) => guard.find(one, () => true)))
  const found = (tag: Tag | undefined) => ({ status: 'fulfilled', value: tag })

  test('are two statements if none exists, one if all do', async () => {
    const store = new BreakableStore()
    expect(await look(instance(store, 0n))).toEqual(names.map(() => found(undefined)))
    expect([store.tags.finds.calls, store.tags.batches]).toEqual([1, [300]])
    const tags = names.map((one) => store.put(aTag({ name: one })))
    expect(await look(instance(store, 0n))).toEqual(tags.map(found))
    expect([store.tags.finds.calls, store.tags.batches]).toEqual([2, [300]])
  })

  test('do not believe a stale node that misses some of them', async () => {
    const store = new BreakableStore()
    const [first, second] = names.map((one) => store.put(aTag({ name: one })))
    store.tags.findAll = async () => new Map(first && [[first.name, first]])
    expect((await look(instance(store, 0n)))[1]).toEqual(found(second))
    expect(store.tags.batches).toEqual([299])
    store.tags.confirms.state = 'down'
    const [seen, ...missed] = await look(instance(store, 0n))
    expect(seen).toEqual(found(first))
    expect(new Set(missed.map(({ status }) => status))).toEqual(new Set(['rejected']))
  })

  test('fail by themselves where a tag cannot be frozen', async () => {
    const store = storeWith({ maxId: 1n })
    store.tags.freezes.state = 'down'
    const guard = instance(store, 6_001n)
    const looks = [guard.find(name, () => true), guard.find(parseTagName('nobody'), () => true)]
    const [lost, nobody] = await Promise.allSettled(looks)
    expect(lost).toMatchObject({ status: 'rejected', reason: { code: 'STORE_UNAVAILABLE' } })
    expect(nobody).toEqual(found(undefined))
    expect(store.tags.batches).toEqual([2])
  })
})
