import { describe, expect, test } from '@jest/globals'
import { shuttingDown } from '../../../pkg/errors/failures.ts'
import { aTag } from '../../../test/support/a-tag.ts'
import { settled } from '../../../test/support/manual-clock.ts'
import { RegistryRig } from '../../../test/support/registry-rig.ts'
import { Answer, TestCaller } from '../../../test/support/test-caller.ts'
import type { Tag } from '../entity/tag.ts'

// How a registry learns that its tags have changed.

/** A registry that reads its tags again every 5 s, with ids of `orders` in memory. */
async function running() {
  const rig = new RegistryRig()
  const name = rig.add('orders')
  rig.registry.start()
  expect(await rig.nextNow('orders')).toBe(2n)
  return { rig, name }
}

describe('within the refresh time', () => {
  test('a row that was deleted stops its tag', async () => {
    const { rig, name } = await running()
    rig.store.remove(name)
    await rig.clock.advance(4_999)
    expect(await rig.nextNow('orders')).toBe(3n)
    await rig.clock.advance(1)
    expect(await rig.nextNow('orders')).toBe('TAG_NOT_FOUND')
    expect(rig.observer.events).toEqual(['dropped 998 of orders'])
  })

  test('an emptied table is believed, and so is what is written into it later', async () => {
    const rig = new RegistryRig()
    const names = ['a', 'b', 'c'].map((name) => rig.add(name))
    rig.registry.start()
    for (const name of names) await rig.nextNow(name)
    for (const name of names) rig.store.remove(name)
    await rig.clock.advance(5_000)
    for (const name of names) expect(await rig.nextNow(name)).toBe('TAG_NOT_FOUND')
    rig.add('a', { maxId: 9_000n })
    await rig.clock.advance(3_000)
    expect(await rig.nextNow('a')).toBe(9_001n)
  })

  test('a tag that was frozen stops and drops its ids; unfrozen, it comes back', async () => {
    const { rig, name } = await running()
    await rig.store.tags.freeze(name)
    await rig.clock.advance(5_000)
    expect(await rig.nextNow('orders')).toBe('TAG_FROZEN')
    await rig.store.tags.unfreeze(name)
    await rig.clock.advance(5_000)
    expect(await rig.nextNow('orders')).toBe(1_002n)
  })

  test('a tag that was raised drops its ids and goes on above', async () => {
    const { rig, name } = await running()
    await rig.store.tags.raise(name, 50_000n)
    await rig.clock.advance(5_000)
    expect(await rig.nextNow('orders')).toBe(50_001n)
  })

  test('a tag whose buffer was changed keeps its ids, and has the new buffer', async () => {
    const { rig, name } = await running()
    rig.take('orders', 900)
    await rig.store.tags.update(name, 0n, { buffer: 'double' })
    await rig.clock.advance(5_000)
    expect(rig.store.segments.line.calls).toBe(2)
    expect(await rig.nextNow('orders')).toBe(903n)
  })

  test('a tag that is waited for and was deleted refuses its callers', async () => {
    const { rig, name } = await running()
    rig.store.segments.line.state = 'held'
    const answer = rig.take('orders', 1_000, new TestCaller(rig.clock, 60_000))
    await rig.clock.advance(1_000)
    rig.store.remove(name)
    await rig.clock.advance(4_000)
    expect(answer.is).toBe('TAG_NOT_FOUND')
  })
})

test('a tag whose store went backwards stays stopped also if it can not be read again', async () => {
  const rig = new RegistryRig()
  const name = rig.add('orders')
  await rig.nextNow('orders')
  rig.take('orders', 999)
  rig.store.edit(name, { maxId: 501n })
  expect(await rig.nextNow('orders')).toBe('STORE_WENT_BACKWARDS')
  for (let n = 0; n < 5; n++) {
    await rig.clock.advance(5_000)
    expect(await rig.nextNow('orders')).toBe('STORE_WENT_BACKWARDS')
  }
  expect(rig.store.row(name)?.maxId).toBe(1_501n)
})

describe('a change made through this instance', () => {
  test.each<[string, (rig: RegistryRig, name: Tag['name']) => Promise<void>, bigint | string]>([
    [
      'a freeze',
      async ({ registry, store }, name) => registry.apply(await store.tags.freeze(name)),
      'TAG_FROZEN',
    ],
    [
      'a raise',
      async ({ registry, store }, name) => registry.apply(await store.tags.raise(name, 7_000n)),
      7_001n,
    ],
    [
      'a deletion',
      async ({ registry, store }, name) => {
        await store.tags.delete(name)
        registry.forget(name)
      },
      'TAG_NOT_FOUND',
    ],
  ])('%s holds at once, and wins over what was read before', async (_, change, outcome) => {
    const { rig, name } = await running()
    rig.store.tags.confirms.state = 'held'
    await rig.clock.advance(5_000)
    expect(rig.store.tags.confirms.inFlight).toBe(1)
    await change(rig, name)
    const asked = await rig.nextNow('orders')
    expect(asked).toBe(outcome)
    rig.store.tags.confirms.release()
    const next = typeof outcome === 'bigint' ? outcome + 1n : outcome
    expect(await rig.nextNow('orders')).toBe(next)
    expect(rig.observer.events).toEqual(['dropped 999 of orders'])
  })

  // The read began before the loss was noticed, and is answered after the freeze.
  test('a freeze because of lost ids wins as well', async () => {
    const { rig, name } = await running()
    rig.take('orders', 999)
    rig.store.tags.confirms.state = 'held'
    await rig.clock.advance(5_000)
    rig.store.edit(name, { maxId: 1n })
    expect(await rig.nextNow('orders')).toBe('STORE_WENT_BACKWARDS')
    rig.store.tags.confirms.release()
    await settled()
    expect(await rig.nextNow('orders')).toBe('STORE_WENT_BACKWARDS')
    await rig.clock.advance(5_000)
    expect(await rig.nextNow('orders')).toBe('STORE_WENT_BACKWARDS')
  })

  test('a creation ends the refusal at once', async () => {
    const rig = new RegistryRig()
    const created = aTag()
    expect(await rig.nextNow(created.name)).toBe('TAG_NOT_FOUND')
    rig.registry.apply(rig.store.put(created))
    expect(await rig.nextNow(created.name)).toBe(2n)
  })

  test('an unfreeze ends the refusal at once', async () => {
    const { rig, name } = await running()
    rig.registry.apply(await rig.store.tags.freeze(name))
    expect(await rig.nextNow('orders')).toBe('TAG_FROZEN')
    rig.registry.apply(await rig.store.tags.unfreeze(name))
    expect(await rig.nextNow('orders')).toBe(1_002n)
  })

  test('a deletion wins also over a first look at the tag that began before', async () => {
    const rig = new RegistryRig()
    const name = rig.add('orders')
    rig.store.tags.finds.state = 'held'
    const answer = rig.next('orders')
    await settled()
    await rig.store.tags.delete(name)
    rig.registry.forget(name)
    rig.store.tags.finds.release()
    await settled()
    expect(answer.is).toBe('TAG_NOT_FOUND')
    expect(rig.store.segments.line.calls).toBe(0)
  })

  test('a freeze wins also over a first look at the tag that began before', async () => {
    const rig = new RegistryRig()
    const name = rig.add('orders')
    rig.store.tags.finds.state = 'held'
    rig.next('orders')
    await settled()
    rig.registry.apply(await rig.store.tags.freeze(name))
    rig.store.tags.finds.release()
    await settled()
    expect(await rig.nextNow('orders')).toBe('TAG_FROZEN')
    expect(rig.store.segments.line.calls).toBe(0)
  })
})

describe.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
  '%s microtasks after the answer to a first look at a tag',
  (offset) => {
    /** A first look whose answer comes so long before `apply` is told of the change. */
    const lookAndApply = async (rig: RegistryRig, change: () => Promise<Tag>) => {
      rig.store.tags.finds.state = 'held'
      const opened = new Answer(() => rig.registry.open('orders', new TestCaller(rig.clock)))
      await settled()
      const tag = await change()
      rig.store.tags.finds.release()
      for (let n = 0; n < offset; n++) await Promise.resolve()
      rig.registry.apply(tag)
      await settled()
      expect(opened.is).not.toBe('waits')
    }

    test('a freeze is not overlooked', async () => {
      const rig = new RegistryRig()
      const name = rig.add('orders')
      await lookAndApply(rig, () => rig.store.tags.freeze(name))
      expect(await rig.nextNow('orders')).toBe('TAG_FROZEN')
    })

    test('nor is a creation', async () => {
      const rig = new RegistryRig()
      const name = rig.add('orders')
      rig.store.remove(name)
      await lookAndApply(rig, async () => rig.store.put(aTag({ name })))
      expect(await rig.nextNow('orders')).toBe(2n)
    })
  },
)

describe('while the regular read fails', () => {
  test('ids in memory flow, and there are prospects for as long as there are some', async () => {
    const { rig } = await running()
    rig.store.state = 'down'
    await rig.clock.advance(15_000)
    expect(rig.observer.events).toEqual(['failed', 'failed', 'failed'])
    expect(rig.registry.hasProspects).toBe(true)
    expect(await rig.nextNow('orders')).toBe(3n)
    rig.take('orders', 998)
    expect(rig.registry.hasProspects).toBe(false)
    rig.store.state = 'up'
    await rig.clock.advance(5_000)
    expect(rig.registry.hasProspects).toBe(true)
    expect(rig.observer.events.slice(3)).toEqual(['answered'])
  })

  test('it is tried every 5 s, and its success is told once', async () => {
    const { rig } = await running()
    rig.store.state = 'down'
    await rig.clock.advance(10_000)
    rig.store.state = 'up'
    await rig.clock.advance(10_000)
    expect(rig.store.tags.confirms.calls).toBe(4)
    expect(rig.observer.events).toEqual(['failed', 'failed', 'answered'])
  })
})

describe('many tags', () => {
  test.each([
    [0, [0]],
    [500, [500]],
    [501, [500, 1]],
    [1_201, [500, 500, 201]],
  ])('%s of them are read again in batches of %s', async (count, batches) => {
    const rig = new RegistryRig()
    const names = Array.from({ length: count }, (_, n) => rig.add(`tag-${n}`))
    for (let from = 0; from < count; from += 1_000) {
      for (const name of names.slice(from, from + 1_000)) rig.next(name)
      await settled()
    }
    const last = names.at(-1)
    if (last !== undefined) rig.store.remove(last)
    await rig.registry.refresh()
    expect(rig.store.tags.batches).toEqual(batches)
    if (last !== undefined) expect(await rig.nextNow(last)).toBe('TAG_NOT_FOUND')
  })
})

describe('a registry that is closed during a refresh', () => {
  const REASON = shuttingDown(2_000)

  test.each(['held', 'down'] as const)(
    'with the store %s sets no timer after it',
    async (state) => {
      const { rig } = await running()
      rig.store.tags.confirms.state = state
      await rig.clock.advance(5_000)
      rig.registry.close(REASON)
      rig.store.tags.confirms.release()
      await settled()
      expect(rig.clock.pending).toBe(0)
      expect(await rig.nextNow('orders')).toBe('SHUTTING_DOWN')
    },
  )

  test('reads no further batch', async () => {
    const rig = new RegistryRig()
    const names = Array.from({ length: 501 }, (_, n) => rig.add(`tag-${n}`))
    for (const name of names) rig.next(name)
    await settled()
    rig.store.tags.confirms.state = 'held'
    const refreshed = rig.registry.refresh()
    await settled()
    rig.registry.close(REASON)
    rig.store.tags.confirms.release()
    await refreshed
    expect(rig.store.tags.batches).toEqual([500])
  })
})
