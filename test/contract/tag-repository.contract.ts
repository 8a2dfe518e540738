import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { MAX_ID, parseTagName, type Tag, type TagName } from '../../internal/domain/entity/tag.ts'
import type { NewTag } from '../../internal/domain/generator/tag-repository.ts'
import type { OpenRig, StoreRig } from '../support/store-rig.ts'

/** What every `TagRepository` promises. */
export function tagRepositoryContract(name: string, open: OpenRig): void {
  describe(`tag repository: ${name}`, () => {
    let rig: StoreRig
    beforeAll(async () => {
      rig = await open()
    })
    afterAll(() => rig.close())

    reads(() => rig)
    lists(open)
    creates(() => rig)
    updates(() => rig)
    raises(() => rig)
    freezes(() => rig)
    deletes(() => rig)
    refusesUnknownTags(() => rig)
  })
}

function reads(rig: () => StoreRig): void {
  test('a row of leaf_alloc alone is a tag with the defaults', async () => {
    await rig().insert('plain', { maxId: 7n, step: 20 })
    const tag = {
      name: 'plain',
      mode: 'segment',
      step: 20,
      maxId: 7n,
      maxValue: MAX_ID,
      buffer: undefined,
      description: '',
      freeze: undefined,
      deletedMaxId: 0n,
      generation: 0n,
      version: 0n,
    }
    const name = parseTagName('plain')
    expect(await rig().tags[0].find(name)).toEqual(tag)
    expect(await rig().tags[0].confirm([name])).toEqual(new Map([[name, tag]]))
  })

  test('a tag with max_id 2^63-1 is read to the last digit', async () => {
    await rig().insert('highest', { maxId: MAX_ID, step: 1 })
    expect((await find(rig(), 'highest'))?.maxId).toBe(MAX_ID)
  })

  test.each([0, -5])('a tag with step %d is read as it is', async (step) => {
    await rig().insert(`step${step}`, { maxId: 1n, step })
    expect((await find(rig(), `step${step}`))?.step).toBe(step)
  })

  test('a tag that differs in case is not found', async () => {
    await rig().insert('order-case', { maxId: 1n, step: 1000 })
    const names = ['ORDER-case', 'order-CASE', 'order-case', 'nobody'].map(parseTagName)
    expect(await find(rig(), 'ORDER-case')).toBeUndefined()
    expect([...(await rig().tags[0].confirm(names)).keys()]).toEqual(['order-case'])
  })

  test('nothing is confirmed of no names', async () => {
    expect(await rig().tags[0].confirm([])).toEqual(new Map())
  })

  test('both instances confirm the same tag over and over, at once', async () => {
    await rig().insert('confirmed', { maxId: 1n, step: 1000 })
    const name = parseTagName('confirmed')
    const all = Array.from({ length: 20 }, (_, i) => rig().tags[i % 2 ? 0 : 1].confirm([name]))
    for (const tags of await Promise.all(all)) expect(tags.get(name)?.maxId).toBe(1n)
  })
}

function lists(open: OpenRig): void {
  test('tags are listed in byte order, page by page, without the rows that are no tags', async () => {
    const rig = await open()
    try {
      const odd = ['', '!first', '-', 'an umlaut ä', 'has space', 'zz~', 'Ünder', '🎈']
      const present = ['0', 'B.b', 'Z', 'a', 'a-b', 'a.b', 'a0', 'aa', 'b_c', 'x'.repeat(128)]
      await rig.remove('order-service')
      for (const name of [...odd, ...present]) await rig.insert(name, { maxId: 1n, step: 1 })
      const [tags] = rig.tags
      expect((await tags.list('', 100)).map((tag) => tag.name)).toEqual(present)
      const pages: TagName[] = []
      for (let after = ''; ; after = pages.at(-1) ?? '') {
        const page = await tags.list(after, 3)
        pages.push(...page.map((tag) => tag.name))
        if (page.length < 3) break
      }
      expect(pages).toEqual(present)
      expect(await tags.list('x'.repeat(128), 3)).toEqual([])
    } finally {
      await rig.close()
    }
  })
}

function creates(rig: () => StoreRig): void {
  test('a tag is created with what was asked for', async () => {
    const wanted = newTag('new', {
      ...{ step: 50, maxId: 10n, maxValue: 2n ** 60n, buffer: 'double', description: 'déjà 🎈' },
    })
    const created = await rig().tags[0].create(wanted)
    expect(created).toMatchObject({ ...wanted, mode: 'segment', freeze: undefined })
    expect(await rig().tags[1].find(wanted.name)).toEqual(created)
    expect(await rig().maxId('new')).toBe(10n)
  })

  test('of 8 who create a tag at once one succeeds', async () => {
    const all = Array.from({ length: 8 }, (_, i) =>
      rig().tags[i % 2 ? 0 : 1].create(newTag('race', { maxId: BigInt(i) })),
    )
    const results = await Promise.allSettled(all)
    const failures = results.filter((result) => result.status === 'rejected')
    expect(failures.map(({ reason }) => reason.code)).toEqual(Array(7).fill('TAG_ALREADY_EXISTS'))
  })

  test('a tag that exists, by whatever hand, is not created', async () => {
    await rig().insert('exists', { maxId: 5n, step: 1000 })
    await expect(rig().tags[0].create(newTag('exists'))).rejects.toMatchObject({
      code: 'TAG_ALREADY_EXISTS',
    })
    expect(await rig().maxId('exists')).toBe(5n)
  })
}

function updates(rig: () => StoreRig): void {
  test('what is changed is changed, the rest stays, and the version rises', async () => {
    const created = await rig().tags[0].create(newTag('update', { maxId: 3n, description: 'old' }))
    const [, tags] = rig().tags
    const first = await tags.update(created.name, created.version, { step: 5, buffer: 'chain' })
    expect(first).toEqual({ ...created, step: 5, buffer: 'chain', version: created.version + 1n })
    const second = await tags.update(created.name, first.version, { description: 'new' })
    expect(second).toEqual({ ...first, description: 'new', version: first.version + 1n })
    expect(await find(rig(), 'update')).toEqual(second)
  })

  test('of two who saw the same version the second is refused', async () => {
    const { name, version } = await rig().tags[0].create(newTag('conflict'))
    const changes = [{ step: 5 }, { step: 6 }].map((change) =>
      rig().tags[0].update(name, version, change),
    )
    const results = await Promise.allSettled(changes)
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    await expect(rig().tags[1].update(name, version, { step: 7 })).rejects.toMatchObject({
      code: 'TAG_CONFLICT',
      metadata: { version: String(version + 1n) },
    })
  })

  test('a lower max_value bumps the generation, a higher one does not', async () => {
    const created = await rig().tags[0].create(newTag('limit', { maxId: 10n, maxValue: 100n }))
    const lower = await rig().tags[0].update(created.name, created.version, { maxValue: 50n })
    expect(lower.generation).toBe(created.generation + 1n)
    const higher = await rig().tags[0].update(created.name, lower.version, { maxValue: MAX_ID })
    expect(higher).toMatchObject({ maxValue: MAX_ID, generation: lower.generation })
  })

  test('max_value can be lowered to what has been leased, and no further', async () => {
    const { name, version } = await rig().tags[0].create(newTag('leased', { maxId: 10n }))
    await expect(rig().tags[0].update(name, version, { maxValue: 9n })).rejects.toMatchObject({
      code: 'TAG_OPTION_INVALID',
    })
    expect((await rig().tags[0].update(name, version, { maxValue: 10n })).maxValue).toBe(10n)
  })
}

function raises(rig: () => StoreRig): void {
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
    const request = { tag: name, size: 10n, knownStep: 10, maxValue: MAX_ID }
    const leases = Array.from({ length: 40 }, (_, i) =>
      rig().segments[i % 2 ? 0 : 1].lease(request, AbortSignal.timeout(10_000)),
    )
    const raised = [300n, 100n, 200n].map((above) => rig().tags[0].raise(name, above))
    const seen = (await Promise.all(leases)).map((leased) => leased?.offset)
    await Promise.all(raised)
    expect(new Set(seen).size).toBe(40)
    expect(await rig().maxId('mixed')).toBeGreaterThanOrEqual(400n)
  })
}

function freezes(rig: () => StoreRig): void {
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

  test('a freeze decided under an older generation does nothing', async () => {
    const { name, generation } = await rig().tags[0].create(newTag('stale'))
    const raised = await rig().tags[0].raise(name, 500n)
    expect(await rig().tags[1].freezeBehind(name, 400n, generation)).toEqual(raised)
    expect(await rig().tags[1].find(name)).toEqual(raised)
  })

  test("what was lost outlives an operator's freeze and a smaller loss", async () => {
    const { name } = await rig().tags[0].create(newTag('twice-lost'))
    const { generation } = await rig().tags[0].freeze(name)
    await rig().tags[0].freezeBehind(name, 900n, generation)
    const again = await rig().tags[1].freezeBehind(name, 800n, generation + 1n)
    expect(again?.freeze).toEqual({ reason: 'went-backwards', above: 900n })
  })

  test('a tag that is gone is not frozen', async () => {
    expect(await rig().tags[0].freezeBehind(parseTagName('nobody'), 1n, 0n)).toBeUndefined()
  })
}

function deletes(rig: () => StoreRig): void {
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
    const request = { tag: name, size: 10n, knownStep: 10, maxValue: MAX_ID }
    const leases = Array.from({ length: 40 }, (_, i) =>
      rig().segments[i % 2 ? 0 : 1].lease(request, AbortSignal.timeout(10_000)),
    )
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

function refusesUnknownTags(rig: () => StoreRig): void {
  const name = parseTagName('nobody')
  test.each([
    ['update', () => rig().tags[0].update(name, 0n, { step: 1 })],
    ['raise', () => rig().tags[0].raise(name, 1n)],
    ['freeze', () => rig().tags[0].freeze(name)],
    ['unfreeze', () => rig().tags[0].unfreeze(name)],
    ['delete', () => rig().tags[0].delete(name)],
  ])('%s of a tag that is not there answers TAG_NOT_FOUND', async (_, call) => {
    await expect(call()).rejects.toMatchObject({ code: 'TAG_NOT_FOUND' })
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

function find(rig: StoreRig, name: string): Promise<Tag | undefined> {
  return rig.tags[0].find(parseTagName(name))
}

function newTag(name: string, changes: Partial<NewTag> = {}): NewTag {
  const defaults = { step: 1000, maxId: 0n, maxValue: MAX_ID, buffer: undefined, description: '' }
  return { name: parseTagName(name), ...defaults, ...changes }
}
