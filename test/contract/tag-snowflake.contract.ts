import { expect, test } from '@jest/globals'
import { MAX_ID, parseTagName } from '../../internal/domain/entity/tag.ts'
import type { TagChanges } from '../../internal/domain/generator/tag-repository.ts'
import { find, newSnowflakeTag, newTag } from '../support/new-tag.ts'
import type { OpenRig, StoreRig } from '../support/store-rig.ts'

// The part of the contract of `TagRepository` that is about tags without a row in `leaf_alloc`.

const CUSTOM = 'time:40,sequence:8,worker:15,unit:10,epoch:1577203200000'

export function snowflakeTags(rig: () => StoreRig, open: OpenRig): void {
  reads(rig)
  lists(open)
  updates(rig)
  switches(rig)
  deletes(rig)
}

function reads(rig: () => StoreRig): void {
  test.each(['twitter', 'js-safe', CUSTOM])(
    'one of layout %s is created and read',
    async (text) => {
      const wanted = newSnowflakeTag(`made-${text.slice(0, 7).replace(':', '')}`, text)
      const { name, layout } = wanted
      const created = await rig().tags[0].create(wanted)
      expect(created).toEqual({
        ...{ name, mode: 'snowflake', layout, step: 0, maxId: 0n, maxValue: MAX_ID },
        ...{ buffer: undefined, description: '', freeze: undefined, deletedMaxId: 0n },
        ...{ generation: 1n, version: 1n },
      })
      const found = await rig().tags[1].find(name)
      expect(found).toEqual(created)
      const parts = { tick: 7, worker: 3, sequence: 5 }
      expect(found?.layout?.pack(parts)).toBe(layout?.pack(parts))
    },
  )

  test('whatever else was asked for is not stored', async () => {
    const { layout } = newSnowflakeTag('any')
    const options = {
      step: 5,
      maxId: 9n,
      maxValue: 10n,
      buffer: 'double',
      description: 'x',
    } as const
    const created = await rig().tags[0].create(newTag('nothing-else', { layout, ...options }))
    const plain = await rig().tags[0].create(newSnowflakeTag('plain-flake'))
    expect(created).toEqual({ ...plain, name: created.name })
    expect(await find(rig(), 'nothing-else')).toEqual(created)
  })

  test('both modes are confirmed at once, and only what was asked for', async () => {
    const flake = await rig().tags[0].create(newSnowflakeTag('confirm-flake'))
    const plain = await rig().tags[0].create(newTag('confirm-plain'))
    await rig().tags[0].create(newSnowflakeTag('confirm-other'))
    const names = [flake.name, plain.name, parseTagName('nobody')]
    expect(await rig().tags[1].confirm(names)).toEqual(
      new Map([
        [flake.name, flake],
        [plain.name, plain],
      ]),
    )
  })

  test('one that differs in case is not found', async () => {
    await rig().tags[0].create(newSnowflakeTag('flake-case'))
    expect(await find(rig(), 'FLAKE-case')).toBeUndefined()
    expect(await rig().tags[0].confirm([parseTagName('flake-CASE')])).toEqual(new Map())
  })
}

function lists(open: OpenRig): void {
  test.each([1, 2, 3, 4, 100])('they are listed among the others, %d at a time', async (size) => {
    const rig = await open()
    try {
      const [tags] = rig.tags
      for (const name of ['B', 'a', 'c.1', 'd', 'z']) await tags.create(newTag(name))
      for (const name of ['Ab', 'C', 'bb', 'c-1', 'e']) await tags.create(newSnowflakeTag(name))
      // Neither a row under a snowflake tag nor one that is no tag may cost others their place.
      for (const name of ['C', 'c-1', 'c x', 'é']) await rig.insert(name, { maxId: 1n, step: 1 })
      await tags.create(newSnowflakeTag('deleted'))
      await tags.delete(parseTagName('deleted'))
      const listed: string[] = []
      for (let page = await tags.list('', size); page.length > 0; ) {
        listed.push(...page.map(({ name, mode }) => `${name} ${mode}`))
        page = page.length < size ? [] : await tags.list(page.at(-1)?.name ?? '', size)
      }
      const made = ['B', 'a', 'c.1', 'd', 'z'].map((name) => `${name} segment`)
      const flakes = ['Ab', 'C', 'bb', 'c-1', 'e'].map((name) => `${name} snowflake`)
      expect(listed).toEqual([...made, ...flakes].toSorted())
    } finally {
      await rig.close()
    }
  })
}

function updates(rig: () => StoreRig): void {
  test.each<[string, TagChanges]>([
    ['step', { step: 5 }],
    ['max_value', { maxValue: 5n }],
    ['buffer', { buffer: 'chain' }],
    ['description', { description: 'a note' }],
  ])('one has no %s to change', async (option, changes) => {
    const created = await rig().tags[0].create(newSnowflakeTag(`no-${option}`))
    const updated = rig().tags[1].update(created.name, created.version, changes)
    await expect(updated).rejects.toMatchObject({
      code: 'TAG_OPTION_INVALID',
      message: `Tag "no-${option}": a snowflake tag has no ${option}.`,
    })
    expect(await rig().tags[0].find(created.name)).toEqual(created)
  })

  test.each<[string, TagChanges]>([
    ['nothing', {}],
    ['what it has', { maxValue: MAX_ID, description: '' }],
  ])('an update to %s only needs the right version', async (what, changes) => {
    const created = await rig().tags[0].create(newSnowflakeTag(`same-${what.replaceAll(' ', '-')}`))
    const updated = await rig().tags[0].update(created.name, created.version, changes)
    expect(updated).toEqual({ ...created, version: created.version + 1n })
    expect(await rig().tags[1].find(created.name)).toEqual(updated)
    const late = rig().tags[0].update(created.name, created.version, changes)
    await expect(late).rejects.toMatchObject({ code: 'TAG_CONFLICT' })
  })

  test('one cannot be raised', async () => {
    const created = await rig().tags[0].create(newSnowflakeTag('not-raised'))
    await expect(rig().tags[0].raise(created.name, 7n)).rejects.toMatchObject({
      code: 'MODE_MISMATCH',
      metadata: { mode: 'snowflake' },
    })
    expect(await rig().tags[0].find(created.name)).toEqual(created)
  })
}

function switches(rig: () => StoreRig): void {
  test('one is frozen and unfrozen as any other', async () => {
    const created = await rig().tags[0].create(newSnowflakeTag('cold'))
    const { generation, version } = created
    const frozen = await rig().tags[0].freeze(created.name)
    expect(frozen).toEqual({
      ...created,
      ...{ freeze: { reason: 'operator' }, generation: generation + 1n, version: version + 1n },
    })
    expect(await rig().tags[1].find(created.name)).toEqual(frozen)
    const unfrozen = await rig().tags[1].unfreeze(created.name)
    expect(unfrozen).toEqual({ ...frozen, freeze: undefined, version: version + 2n })
    expect(await rig().tags[0].find(created.name)).toEqual(unfrozen)
  })

  test('a loss of ids, which it cannot have, does it no harm', async () => {
    const created = await rig().tags[0].create(newSnowflakeTag('no-loss'))
    expect(await rig().tags[0].freezeBehind(created.name, 2n ** 60n, 7n)).toEqual(created)
    expect(await rig().tags[1].find(created.name)).toEqual(created)
  })
}

function deletes(rig: () => StoreRig): void {
  test('a deleted one is gone from everywhere, and of a later generation when it comes back', async () => {
    const first = await rig().tags[0].create(newSnowflakeTag('melted', CUSTOM))
    await rig().tags[0].freeze(first.name)
    await rig().tags[0].delete(first.name)
    expect(await rig().tags[1].find(first.name)).toBeUndefined()
    expect(await rig().tags[1].confirm([first.name])).toEqual(new Map())
    expect(await rig().tags[1].list('melte', 1)).not.toMatchObject([{ name: first.name }])
    await expect(rig().tags[1].delete(first.name)).rejects.toMatchObject({ code: 'TAG_NOT_FOUND' })
    await expect(rig().tags[1].freeze(first.name)).rejects.toMatchObject({ code: 'TAG_NOT_FOUND' })
    expect(await rig().tags[1].freezeBehind(first.name, 1n, 9n)).toBeUndefined()
    const second = await rig().tags[1].create(newSnowflakeTag('melted', CUSTOM))
    expect(second).toEqual({
      ...first,
      ...{ freeze: undefined, generation: 4n, version: 4n },
    })
    expect(await rig().tags[0].find(first.name)).toEqual(second)
  })
}
