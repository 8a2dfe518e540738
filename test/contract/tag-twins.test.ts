import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { parseTagName } from '../../internal/domain/entity/tag.ts'
import { find, newSnowflakeTag, newTag } from '../support/new-tag.ts'
import { mysqlRig, type StoreRig } from '../support/store-rig.ts'

// To leaf_alloc names may be the same that differ in case; leaf_tag always tells them apart.

let rig: StoreRig

beforeAll(async () => {
  rig = await mysqlRig()
})

afterAll(() => rig.close())

test('a row made by hand is in the way of a snowflake tag that differs in case', async () => {
  await rig.insert('order-twin', { maxId: 5n, step: 10 })
  await expect(rig.tags[0].create(newSnowflakeTag('ORDER-twin'))).rejects.toMatchObject({
    code: 'TAG_ALREADY_EXISTS',
    message: expect.stringContaining('"order-twin"'),
  })
  expect(await find(rig, 'ORDER-twin')).toBeUndefined()
})

test('a snowflake tag is in nobody’s way but its own', async () => {
  const [tags] = rig.tags
  const upper = await tags.create(newSnowflakeTag('FLAKE'))
  const mixed = await tags.create(newSnowflakeTag('Flake', 'js-safe'))
  const lower = await tags.create(newTag('flake'))
  const all = [upper, mixed, lower]
  expect(await tags.list('F', 2)).toEqual([upper, mixed])
  expect((await tags.list('', 10)).filter(({ name }) => /flake/i.test(name))).toEqual(all)
  expect(await tags.confirm(all.map(({ name }) => name))).toEqual(
    new Map(all.map((tag) => [tag.name, tag])),
  )
  await tags.freeze(parseTagName('Flake'))
  await tags.delete(parseTagName('FLAKE'))
  expect(await find(rig, 'flake')).toEqual(lower)
  expect(await find(rig, 'Flake')).toMatchObject({ freeze: { reason: 'operator' } })
})
