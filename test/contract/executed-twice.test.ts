import { describe, expect, test } from '@jest/globals'
import type { Tag } from '../../internal/domain/entity/tag.ts'
import { newTag } from '../support/new-tag.ts'
import { RecordingDatabase } from '../support/recording-database.ts'
import {
  mysqlRig,
  mysqlTransactionRig,
  type OpenRig,
  type StoreRig,
  sqliteRig,
  type Wrap,
} from '../support/store-rig.ts'
import { TwiceDatabase } from '../support/twice-database.ts'
import { leasesTwiceHarmlessly } from './segment-repository.contract.ts'
import { changesTwiceHarmlessly } from './tag-changes.contract.ts'

// Drivers, proxies and people repeat statements; promise 11 says that it does no harm.

const RIGS: readonly [string, (wrap: Wrap) => ReturnType<OpenRig>][] = [
  ['sqlite', sqliteRig],
  ['mysql', mysqlRig],
  ['mysql-transaction', mysqlTransactionRig],
]

describe.each(['first', 'last'] as const)(
  'each statement is executed twice, and the %s answer seen',
  (seen) => {
    for (const [name, rig] of RIGS) {
      const open = () => rig((database) => new TwiceDatabase(database, seen))
      leasesTwiceHarmlessly(name, open)
      if (seen === 'first') changesTwiceHarmlessly(name, open)
    }
  },
)

/** Each a change of the tag, or what others do in between. A tag that is gone is created again. */
const CHANGES: readonly ((tag: Tag, rig: StoreRig) => Promise<unknown>)[] = [
  (tag, { tags }) => tags[0].update(tag.name, tag.version, { step: 7, description: 'seven' }),
  (tag, { tags }) => tags[1].update(tag.name, tag.version, { step: 8, maxValue: 10_000n }),
  ({ name }, { tags }) => tags[0].raise(name, 200n),
  ({ name }, { setMaxId }) => setMaxId(name, 900n),
  ({ name, generation }, { tags }) => tags[0].freezeBehind(name, 950n, generation),
  ({ name }, { tags }) => tags[1].raise(name, 950n),
  ({ name }, { tags }) => tags[0].freeze(name),
  ({ name }, { tags }) => tags[0].unfreeze(name),
  ({ name }, { tags }) => tags[0].delete(name),
  async () => {},
  ({ name }, { tags }) => tags[0].delete(name),
  async () => {},
  ({ name }, { setMaxId }) => setMaxId(name, 2_000n),
  ({ name }, { tags }) => tags[1].delete(name),
]

describe.each([
  ['sqlite', sqliteRig],
  ['mysql', mysqlRig],
])('every statement of %s that ever changed a tag', (_, open) => {
  test('changes nothing when it is executed again, however much later', async () => {
    const recordings: RecordingDatabase[] = []
    const rig = await open((database) => {
      const recording = new RecordingDatabase(database)
      recordings.push(recording)
      return recording
    })
    try {
      const { name } = await rig.tags[0].create(newTag('again', { maxId: 100n }))
      for (const change of CHANGES) {
        const before = await rig.tags[0].find(name)
        await (before ? change(before, rig) : rig.tags[0].create(newTag('again')))
        const after = await rig.tags[0].find(name)
        for (const recording of recordings) await recording.replay(AbortSignal.timeout(5_000))
        expect(await rig.tags[0].find(name)).toEqual(after)
      }
      expect((await rig.tags[0].create(newTag('again'))).maxId).toBe(2_000n)
    } finally {
      await rig.close()
    }
  })
})
