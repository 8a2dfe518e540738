import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { MAX_ID, parseTagName, type TagName } from '../../internal/domain/entity/tag.ts'
import { TAGS_PER_READ } from '../../internal/domain/generator/tag-repository.ts'
import { find, newSnowflakeTag, newTag } from '../support/new-tag.ts'
import type { OpenRig, StoreRig } from '../support/store-rig.ts'
import { deletes, freezes, raises } from './tag-changes.contract.ts'
import { bothModes } from './tag-modes.contract.ts'
import { snowflakeTags } from './tag-snowflake.contract.ts'

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
    describe('snowflake tags', () => snowflakeTags(() => rig, open))
    describe('the two modes', () => bothModes(() => rig))
  })
}

function reads(rig: () => StoreRig): void {
  test('a row of leaf_alloc alone is a tag with the defaults', async () => {
    await rig().insert('plain', { maxId: 7n, step: 20 })
    const tag = {
      name: 'plain',
      mode: 'segment',
      layout: undefined,
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
    expect(await find(rig(), 'ORDER-case')).toBeUndefined()
    expect(await rig().tags[0].confirm([parseTagName('ORDER-case')])).toEqual(new Map())
  })

  describe.each(['findAll', 'confirm'] as const)('%s', (read) => {
    test('of as many names as go together shows those that exist, byte by byte', async () => {
      const named = (end: string) => parseTagName(`${read}.${end}`)
      // leaf_alloc may hold only one of two rows that differ in case; a snowflake tag has none there.
      const twin = await rig().tags[0].create(newSnowflakeTag(named('CASE')))
      const rows = ['case', 'Mixed', '0', 'x'.repeat(100)].map(named)
      const unasked = named('Unasked')
      for (const name of [...rows, unasked]) await rig().insert(name, { maxId: 1n, step: 7 })
      const alike = ['Case', 'mixed', 'unasked', 'x'.repeat(99)].map(named)
      const strange = Array.from({ length: 491 }, (_, n) => named(`nobody-${n}`))
      const names = [...alike, twin.name, ...strange, ...rows]
      expect(names).toHaveLength(TAGS_PER_READ)
      const found = await rig().tags[1][read](names)
      expect(found.get(twin.name)).toEqual(twin)
      for (const name of rows) expect(found.get(name)).toMatchObject({ name, step: 7 })
      expect(found.size).toBe(1 + rows.length)
    })

    test('of no names shows nothing', async () => {
      expect(await rig().tags[0][read]([])).toEqual(new Map())
    })
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
