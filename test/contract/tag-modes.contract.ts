import { expect, test } from '@jest/globals'
import { parseTagName } from '../../internal/domain/entity/tag.ts'
import type { NewTag } from '../../internal/domain/generator/tag-repository.ts'
import { find, newSnowflakeTag, newTag } from '../support/new-tag.ts'
import type { StoreRig } from '../support/store-rig.ts'

// The part of the contract of `TagRepository` that keeps the ids of one mode out of the other.

type Kind = (name: string) => NewTag

const segment: Kind = (name) => newTag(name)
const twitter: Kind = (name) => newSnowflakeTag(name)
const twitterSpelt: Kind = (name) =>
  newSnowflakeTag(name, 'time:41,worker:10,sequence:12,unit:1,epoch:1288834974657')
const jsSafe: Kind = (name) => newSnowflakeTag(name, 'js-safe')
const otherEpoch: Kind = (name) =>
  newSnowflakeTag(name, 'time:41,worker:10,sequence:12,unit:1,epoch:1288834974658')

const SEGMENT = 'mode segment'
const TWITTER = 'mode snowflake and layout twitter'

export function bothModes(rig: () => StoreRig): void {
  exist(rig)
  comeBack(rig)
  outlast(rig)
}

function exist(rig: () => StoreRig): void {
  test.each<[string, Kind, Kind]>([
    ['segment', segment, twitter],
    ['snowflake', twitter, segment],
    ['snowflake, also of the same layout', twitter, twitter],
    ['snowflake, also of another layout', twitter, jsSafe],
  ])('share their names: one of mode %s is in the way', async (label, existing, wanted) => {
    const name = `shared-${label.replaceAll(/\W+/g, '-')}`
    const created = await rig().tags[0].create(existing(name))
    await expect(rig().tags[1].create(wanted(name))).rejects.toMatchObject({
      code: 'TAG_ALREADY_EXISTS',
    })
    expect(await find(rig(), name)).toEqual(created)
  })

  test('share their names with rows made by hand', async () => {
    await rig().insert('hand-segment', { maxId: 5n, step: 10 })
    const created = rig().tags[0].create(twitter('hand-segment'))
    await expect(created).rejects.toMatchObject({ code: 'TAG_ALREADY_EXISTS' })
    expect(await find(rig(), 'hand-segment')).toMatchObject({ mode: 'segment', maxId: 5n })
  })

  test('of 8 who create a tag of either mode at once one succeeds', async () => {
    const kinds = [segment, twitter, jsSafe, twitter]
    const all = Array.from({ length: 8 }, (_, i) =>
      rig().tags[i % 2 ? 0 : 1].create((kinds[i % kinds.length] ?? segment)('race-of-modes')),
    )
    const results = await Promise.allSettled(all)
    const failures = results.filter((result) => result.status === 'rejected')
    expect(failures.map(({ reason }) => reason.code)).toEqual(Array(7).fill('TAG_ALREADY_EXISTS'))
    const [created] = results.filter((result) => result.status === 'fulfilled')
    expect(await find(rig(), 'race-of-modes')).toEqual(created?.value)
  })
}

function comeBack(rig: () => StoreRig): void {
  test.each<[string, Kind, Kind, string]>([
    ['segment is not created as snowflake', segment, twitter, SEGMENT],
    ['snowflake is not created as segment', twitter, segment, TWITTER],
    ['twitter is not created as js-safe', twitter, jsSafe, TWITTER],
    ['twitter is not created with another epoch', twitter, otherEpoch, TWITTER],
  ])('what was deleted as %s', async (label, before, after, had) => {
    const name = label.replaceAll(' ', '-')
    const first = await rig().tags[0].create(before(name))
    await rig().tags[0].delete(first.name)
    // Refused twice: the refusal leaves nothing behind that would let the next one pass.
    for (const tags of rig().tags) {
      await expect(tags.create(after(name))).rejects.toMatchObject({
        code: 'TAG_OPTION_INVALID',
        message: `Tag "${name}": one that was deleted had ${had}, and so must a new one.`,
      })
      expect(await tags.find(first.name)).toBeUndefined()
    }
    expect(await rig().tags[1].create(before(name))).toMatchObject({ mode: first.mode })
  })

  test.each<[string, Kind, Kind]>([
    ['segment', segment, segment],
    ['twitter', twitter, twitter],
    ['twitter, spelt out the second time', twitter, twitterSpelt],
    ['twitter, spelt out the first time', twitterSpelt, twitter],
  ])('what was deleted as %s is created as the same', async (label, before, after) => {
    const name = `same-${label.replaceAll(/\W+/g, '-')}`
    const first = await rig().tags[0].create(before(name))
    await rig().tags[0].delete(first.name)
    const second = await rig().tags[1].create(after(name))
    expect(second).toMatchObject({ mode: first.mode, version: 3n, generation: 3n })
    expect(second.layout).toEqual(first.layout)
    expect(await find(rig(), name)).toEqual(second)
  })

  test('a segment tag whose row was removed by hand has a tombstone too, once it was changed', async () => {
    const { name } = await rig().tags[0].create(segment('removed'))
    await rig().remove(name)
    await expect(rig().tags[0].create(twitter(name))).rejects.toMatchObject({
      code: 'TAG_OPTION_INVALID',
    })
    expect((await rig().tags[0].create(segment(name))).mode).toBe('segment')
  })
}

function outlast(rig: () => StoreRig): void {
  test('a row of leaf_alloc made by hand counts for nothing under a snowflake tag', async () => {
    const created = await rig().tags[0].create(twitter('beaten'))
    // That this can be inserted also shows that the tag has no row of its own there.
    await rig().insert('beaten', { maxId: 5n, step: 10 })
    const { name } = created
    expect(await rig().tags[1].find(name)).toEqual(created)
    expect(await rig().tags[1].confirm([name])).toEqual(new Map([[name, created]]))
    expect(await rig().tags[1].list('beate', 1)).toEqual([created])
    await expect(rig().tags[0].raise(name, 7n)).rejects.toMatchObject({ code: 'MODE_MISMATCH' })
    expect((await rig().tags[0].freeze(name)).step).toBe(0)
    await expect(rig().tags[0].create(segment(name))).rejects.toMatchObject({
      code: 'TAG_ALREADY_EXISTS',
    })
    expect(await rig().maxId('beaten')).toBe(5n)
  })

  test('nor is it served after that tag was deleted', async () => {
    const { name } = await rig().tags[0].create(twitter('haunted'))
    await rig().insert('haunted', { maxId: 5n, step: 10 })
    await rig().tags[0].delete(name)
    expect(await rig().tags[1].find(name)).toBeUndefined()
    expect(await rig().tags[1].confirm([name])).toEqual(new Map())
    expect(await rig().tags[1].list('haunte', 1)).not.toMatchObject([{ name }])
    for (const change of [
      () => rig().tags[0].raise(name, 7n),
      () => rig().tags[0].freeze(name),
      () => rig().tags[0].update(name, 2n, { step: 1 }),
      () => rig().tags[0].delete(name),
    ]) {
      await expect(change()).rejects.toMatchObject({ code: 'TAG_NOT_FOUND' })
    }
    await expect(rig().tags[0].create(segment(name))).rejects.toMatchObject({
      code: 'TAG_OPTION_INVALID',
    })
    expect(await rig().tags[0].create(twitter(name))).toMatchObject({ mode: 'snowflake' })
    expect(await rig().maxId('haunted')).toBe(5n)
  })

  test('a snowflake tag takes no row from the segment tags beside it', async () => {
    const beside = await rig().tags[0].create(newTag('beside', { maxId: 10n }))
    const { name } = await rig().tags[0].create(twitter('beside.flake'))
    await rig().tags[0].freeze(name)
    await rig().tags[0].delete(name)
    expect(await rig().tags[1].find(parseTagName('beside'))).toEqual(beside)
  })
}
