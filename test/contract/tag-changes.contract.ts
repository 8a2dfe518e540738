import { expect, test } from '@jest/globals'
import { MAX_ID, parseTagName, type Tag, type TagName } from '../../internal/domain/entity/tag.ts'
import { find, newTag } from '../support/new-tag.ts'
import type { OpenRig, StoreRig } from '../support/store-rig.ts'

// The part of the contract of `TagRepository` on which it hangs that no id is given out twice.

export function raises(rig: () => StoreRig): void {
  test('a raise moves max_id up and never down, and bumps the generation each time', async () => {
    const created = await rig().tags[0].create(newTag('raise', { maxId: 10n }))
    const up = await rig().tags[0].raise(created.name, 2n ** 53n + 1n)
    expect(up).toMatchObject({ maxId: 2n ** 53n + 1n, generation: created.generation + 1n })
    const down = await rig().tags[1].raise(created.name, 20n)
    expect(down).toMatchObject({ maxId: 2n ** 53n + 1n, generation: up.generation + 1n })
    const top = await rig().tags[1].raise(created.name, MAX_ID)
    expect(top.maxId).toBe(MAX_ID)
    expect(await rig().maxId('raise')).toBe(MAX_ID)
  })

  test('a raise repairs a row that was made negative', async () => {
    await rig().insert('negative', { maxId: -5000n, step: 1000 })
    expect((await rig().tags[0].raise(parseTagName('negative'), 7n)).maxId).toBe(7n)
  })

  test('a raise past max_value is refused', async () => {
    const { name } = await rig().tags[0].create(newTag('capped', { maxValue: 100n }))
    await expect(rig().tags[0].raise(name, 101n)).rejects.toMatchObject({
      code: 'TAG_OPTION_INVALID',
    })
    expect((await rig().tags[0].raise(name, 100n)).maxId).toBe(100n)
  })

  test('leases and raises at once never lower max_id', async () => {
    const { name } = await rig().tags[0].create(newTag('mixed', { step: 10 }))
    const leases = Array.from({ length: 40 }, (_, i) => leaseOf(rig(), i % 2 ? 0 : 1, name))
    const raised = [300n, 100n, 200n].map((above) => rig().tags[0].raise(name, above))
    const seen = (await Promise.all(leases)).map((leased) => leased?.offset)
    await Promise.all(raised)
    expect(new Set(seen).size).toBe(40)
    expect(await rig().maxId('mixed')).toBeGreaterThanOrEqual(400n)
  })
}

export function freezes(rig: () => StoreRig): void {
  test("an operator's freeze bumps the generation and is lifted by unfreeze", async () => {
    const created = await rig().tags[0].create(newTag('freeze'))
    const frozen = await rig().tags[0].freeze(created.name)
    expect(frozen).toMatchObject({
      freeze: { reason: 'operator' },
      generation: created.generation + 1n,
    })
    expect(await rig().tags[1].find(created.name)).toEqual(frozen)
    expect((await rig().tags[1].raise(created.name, 10n)).freeze).toEqual({ reason: 'operator' })
    expect((await rig().tags[1].unfreeze(created.name)).freeze).toBeUndefined()
    expect((await rig().tags[1].unfreeze(created.name)).freeze).toBeUndefined()
  })

  test('a tag that went backwards is frozen until it is raised to what was lost', async () => {
    const { name, generation } = await rig().tags[0].create(newTag('behind', { maxId: 100n }))
    const frozen = await rig().tags[0].freezeBehind(name, 2n ** 60n, generation)
    const freeze = { reason: 'went-backwards', above: 2n ** 60n }
    expect(frozen).toMatchObject({ freeze, generation: generation + 1n, maxId: 100n })
    await expect(rig().tags[1].unfreeze(name)).rejects.toMatchObject({
      code: 'STORE_WENT_BACKWARDS',
      metadata: { above: String(2n ** 60n) },
    })
    expect((await rig().tags[1].freeze(name)).freeze).toEqual(freeze)
    expect((await rig().tags[1].raise(name, 2n ** 60n - 1n)).freeze).toEqual(freeze)
    expect((await rig().tags[1].raise(name, 2n ** 60n)).freeze).toBeUndefined()
    expect((await find(rig(), 'behind'))?.freeze).toBeUndefined()
  })

  // A freeze by an operator and a lease by another instance look the same as a raise.
  test('a loss is frozen whatever generation and max_id the row has by now', async () => {
    const { name, generation } = await rig().tags[0].create(newTag('stale'))
    const raised = await rig().tags[0].raise(name, 500n)
    const freeze = { reason: 'went-backwards', above: 400n }
    const frozen = await rig().tags[1].freezeBehind(name, 400n, generation)
    expect(frozen).toMatchObject({ freeze, maxId: 500n, generation: raised.generation + 1n })
    expect((await rig().tags[1].raise(name, 400n)).freeze).toBeUndefined()
    const later = await rig().tags[0].freezeBehind(name, 600n, 70n)
    expect(later?.generation).toBe(71n)
  })

  test("what was lost outlives an operator's freeze and a smaller loss", async () => {
    const { name } = await rig().tags[0].create(newTag('twice-lost'))
    const { generation } = await rig().tags[0].freeze(name)
    await rig().tags[0].freezeBehind(name, 900n, generation)
    const again = await rig().tags[1].freezeBehind(name, 800n, generation + 1n)
    expect(again?.freeze).toEqual({ reason: 'went-backwards', above: 900n })
  })

  test('a tag that starts above its tombstone needs a max_value above that', async () => {
    const { name } = await rig().tags[0].create(newTag('reborn', { maxId: 500n }))
    await rig().tags[0].delete(name)
    const low = rig().tags[1].create(newTag('reborn', { maxValue: 499n }))
    await expect(low).rejects.toMatchObject({ code: 'TAG_OPTION_INVALID' })
    expect((await rig().tags[1].create(newTag('reborn', { maxValue: 500n }))).maxId).toBe(500n)
  })

  test('a tag that is gone is not frozen', async () => {
    expect(await rig().tags[0].freezeBehind(parseTagName('nobody'), 1n, 0n)).toBeUndefined()
  })
}

export function deletes(rig: () => StoreRig): void {
  test('a deleted tag is gone, and created again it starts above its tombstone', async () => {
    const first = await rig().tags[0].create(
      newTag('phoenix', { maxId: 2n ** 53n + 1n, buffer: 'double' }),
    )
    await rig().tags[0].delete(first.name)
    expect(await find(rig(), 'phoenix')).toBeUndefined()
    expect(await rig().tags[1].confirm([first.name])).toEqual(new Map())
    const second = await rig().tags[1].create(newTag('phoenix'))
    const [maxId, deletedMaxId] = [first.maxId, first.maxId]
    expect(second).toMatchObject({ maxId, deletedMaxId, buffer: undefined })
    expect(second.generation).toBeGreaterThan(first.generation)
    expect(await rig().tags[0].find(first.name)).toEqual(second)
  })

  test('a tombstone never sinks: the next tag starts at the highest id of all before it', async () => {
    const { name } = await rig().tags[0].create(newTag('tombstone', { maxId: 1000n }))
    await rig().tags[0].delete(name)
    // By hand, below the tombstone.
    await rig().insert('tombstone', { maxId: 5n, step: 1000 })
    expect((await find(rig(), 'tombstone'))?.deletedMaxId).toBe(1000n)
    await rig().tags[0].delete(name)
    expect((await rig().tags[0].create(newTag('tombstone', { maxId: 7n }))).maxId).toBe(1000n)
  })

  test('ids that a frozen tag has lost are not given again after it was deleted', async () => {
    const { name, generation } = await rig().tags[0].create(newTag('lost', { maxId: 100n }))
    await rig().tags[0].freezeBehind(name, 5000n, generation)
    await rig().tags[0].delete(name)
    expect(await rig().tags[0].create(newTag('lost'))).toMatchObject({
      maxId: 5000n,
      freeze: undefined,
    })
  })

  test('leases that run while a tag is deleted stay at or below its tombstone', async () => {
    const { name } = await rig().tags[0].create(newTag('leasing', { step: 10 }))
    const leases = Array.from({ length: 40 }, (_, i) => leaseOf(rig(), i % 2 ? 0 : 1, name))
    await rig().tags[0].delete(name)
    const highest = (await Promise.all(leases)).map((leased) => leased?.maxId ?? 0n)
    const { maxId } = await rig().tags[1].create(newTag('leasing'))
    expect(maxId).toBe(highest.reduce((one, other) => (one > other ? one : other), 0n))
  })

  test('a tag removed by hand is believed to be gone, and can be created', async () => {
    await rig().insert('by-hand', { maxId: 9n, step: 1 })
    await rig().remove('by-hand')
    expect(await find(rig(), 'by-hand')).toBeUndefined()
    expect((await rig().tags[0].create(newTag('by-hand'))).maxId).toBe(0n)
  })
}

/** What stays true when everything is executed twice. */
export function changesTwiceHarmlessly(name: string, open: OpenRig): void {
  test(`${name}: max_id, generation and tombstone never sink`, async () => {
    const rig = await open()
    try {
      const [tags] = rig.tags
      const created = await tags.create(newTag('twice', { maxId: 100n }))
      const steps: ((tag: Tag) => Promise<Tag | undefined>)[] = [
        (tag) => tags.update(tag.name, tag.version, { step: 7, maxValue: 10_000n }),
        (tag) => tags.raise(tag.name, 200n),
        (tag) => tags.raise(tag.name, 150n),
        (tag) => tags.freeze(tag.name),
        (tag) => tags.unfreeze(tag.name),
        (tag) => tags.freezeBehind(tag.name, 300n, tag.generation),
        (tag) => tags.raise(tag.name, 300n),
      ]
      let before = created
      for (const step of steps) {
        await step(before)
        const after = await tags.find(created.name)
        if (after === undefined) throw new Error('the tag is gone')
        expect(after.maxId).toBeGreaterThanOrEqual(before.maxId)
        expect(after.generation).toBeGreaterThanOrEqual(before.generation)
        expect(after.version).toBeGreaterThan(before.version)
        before = after
      }
      expect(before).toMatchObject({ maxId: 300n, step: 7, maxValue: 10_000n, freeze: undefined })
      await tags.delete(created.name)
      expect(await tags.create(newTag('twice'))).toMatchObject({ maxId: 300n, deletedMaxId: 300n })
    } finally {
      await rig.close()
    }
  })
}

/** Leases ten ids as often as the tag has changed since it was read. @returns undefined if it is gone. */
async function leaseOf({ segments, tags }: StoreRig, who: 0 | 1, name: TagName) {
  const signal = AbortSignal.timeout(10_000)
  for (let tag = await tags[who].find(name); tag; tag = await tags[who].find(name)) {
    const { step, generation, maxValue } = tag
    const request = { tag: name, size: 10n, knownStep: step, generation, maxValue }
    const leased = await segments[who].lease(request, signal)
    if (leased !== undefined) return leased
  }
  return undefined
}
