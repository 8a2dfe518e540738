import { describe, expect, test } from '@jest/globals'
import type { Tag } from '../../internal/domain/entity/tag.ts'
import { newSnowflakeTag } from '../support/new-tag.ts'
import { RecordingDatabase } from '../support/recording-database.ts'
import { mysqlRig, type StoreRig, sqliteRig } from '../support/store-rig.ts'
import { TwiceDatabase } from '../support/twice-database.ts'

// As `executed-twice.test.ts`, for tags without a row in `leaf_alloc`.

/** Each a change of the tag, or what others do in between. A tag that is gone is created again. */
const CHANGES: readonly ((tag: Tag, rig: StoreRig) => Promise<unknown>)[] = [
  (tag, { tags }) => tags[1].update(tag.name, tag.version, {}),
  ({ name }, { tags }) => tags[0].freeze(name),
  ({ name }, { tags }) => tags[1].unfreeze(name),
  ({ name, generation }, { tags }) => tags[0].freezeBehind(name, 950n, generation),
  ({ name }, { tags }) => tags[0].delete(name),
  async () => {},
  ({ name }, { insert }) => insert(name, { maxId: 5n, step: 10 }),
  ({ name }, { tags }) => tags[1].freeze(name),
  ({ name }, { tags }) => tags[0].delete(name),
  async () => {},
]

describe.each([
  ['sqlite', sqliteRig],
  ['mysql', mysqlRig],
])('snowflake tags of %s', (_, open) => {
  test('go through every change when each statement is executed twice', async () => {
    const rig = await open((database) => new TwiceDatabase(database, 'first'))
    try {
      const { layout, ...made } = await create(rig)
      for (const change of CHANGES) {
        const before = await rig.tags[0].find(made.name)
        await (before ? change(before, rig) : create(rig))
        const after = await rig.tags[1].find(made.name)
        if (after === undefined) continue
        expect(after).toMatchObject({ mode: 'snowflake', step: 0, maxId: 0n, deletedMaxId: 0n })
        expect(after.layout).toEqual(layout)
        expect(after.generation).toBeGreaterThanOrEqual(before?.generation ?? made.generation)
        expect(after.version).toBeGreaterThanOrEqual(before?.version ?? made.version)
      }
      expect(await rig.tags[0].find(made.name)).toMatchObject({ version: 9n, generation: 7n })
      expect(await rig.maxId(made.name)).toBe(5n)
    } finally {
      await rig.close()
    }
  })

  test('stay as they are when every statement so far is executed again', async () => {
    const recordings: RecordingDatabase[] = []
    const rig = await open((database) => {
      const recording = new RecordingDatabase(database)
      recordings.push(recording)
      return recording
    })
    try {
      const { name } = await create(rig)
      for (const change of CHANGES) {
        const before = await rig.tags[0].find(name)
        await (before ? change(before, rig) : create(rig))
        const after = await rig.tags[0].find(name)
        for (const recording of recordings) await recording.replay(AbortSignal.timeout(5_000))
        expect(await rig.tags[0].find(name)).toEqual(after)
      }
      expect(await rig.maxId(name)).toBe(5n)
    } finally {
      await rig.close()
    }
  })
})

function create({ tags: [tags] }: StoreRig): Promise<Tag> {
  return tags.create(newSnowflakeTag('again', 'js-safe'))
}
