import { describe, expect, test } from '@jest/globals'
import type { Tag } from '../../internal/domain/entity/tag.ts'
import type { SegmentLease } from '../../internal/domain/generator/segment-repository.ts'
import { newTag } from '../support/new-tag.ts'
import { RecordingDatabase } from '../support/recording-database.ts'
import { mysqlRestRig, type RestRig, sqliteRestRig } from '../support/rest-rig.ts'
import type { Wrap } from '../support/store-rig.ts'
import { TwiceDatabase } from '../support/twice-database.ts'
import { ledgerRepositoryContract } from './ledger-repository.contract.ts'
import { restRepositoryContract } from './rest-repository.contract.ts'

// Drivers, proxies and people repeat statements; promise 11 says that it does no harm.

const RIGS: readonly [string, (wrap: Wrap) => Promise<RestRig>][] = [
  ['sqlite', sqliteRestRig],
  ['mysql', mysqlRestRig],
]

for (const [name, open] of RIGS) {
  const twice = () => open((database) => new TwiceDatabase(database, 'first'))
  restRepositoryContract(`${name}, each statement executed twice, the first answer seen`, twice)
  ledgerRepositoryContract(`${name}, each statement executed twice, the first answer seen`, twice)
}

describe.each(RIGS)('%s, each statement executed twice, the last answer seen', (_, open) => {
  test('to take looks as if somebody else had been faster, and nobody gets it', async () => {
    const rig = await open((database) => new TwiceDatabase(database, 'last'))
    try {
      const tag = await rig.tags.create(newTag('lost'))
      await giveBack(rig, 'A', tag, 51n)
      expect(await take(rig, 'B', tag)).toBeUndefined()
      expect(await take(rig, 'C', tag)).toBeUndefined()
      expect(await rig.free(tag.name)).toEqual([])
    } finally {
      await rig.close()
    }
  })
})

type Step = (rig: RestRig, tag: Tag) => Promise<unknown>

/**
 * What happens to the ids 51 to 100, in order, and what of them is free after it. Each taker hands
 * out what it does not give back.
 */
const HISTORY: readonly (readonly [Step, freeFrom: bigint | undefined])[] = [
  [(rig, tag) => giveBack(rig, 'A', tag, 51n), 51n],
  [(rig, tag) => take(rig, 'B', tag), undefined],
  [(rig, tag) => giveBack(rig, 'B', tag, 61n), 61n],
  [(rig, tag) => take(rig, 'C', tag), undefined],
  [(rig, tag) => giveBack(rig, 'C', tag, 71n), 71n],
  [(rig, tag) => take(rig, 'D', tag), undefined],
  [(rig, { name }) => rig.tags.raise(name, 1_000n), undefined],
  [(rig, tag) => giveBack(rig, 'D', tag, 81n), 81n],
  [(rig, tag) => take(rig, 'E', tag), 81n],
]

const UNTOUCHED: readonly Step[] = [
  (rig, tag) => giveBack(rig, 'A', tag, 51n),
  (rig, tag) => take(rig, 'B', tag),
  (rig, tag) => giveBack(rig, 'B', tag, 51n),
  (rig, tag) => take(rig, 'C', tag),
]

describe.each(RIGS)('every statement of %s about rests and leases', (_, open) => {
  async function record(work: (rig: RestRig, replay: () => Promise<void>) => Promise<void>) {
    const recordings: RecordingDatabase[] = []
    const rig = await open((database) => {
      const recording = new RecordingDatabase(database)
      recordings.push(recording)
      return recording
    })
    const replay = async () => {
      for (const recording of recordings) await recording.replay(AbortSignal.timeout(5_000))
    }
    await work(rig, replay).finally(() => rig.close())
  }

  test('executed again, however much later, frees nothing and changes no owner', async () => {
    await record(async (rig, replay) => {
      const tag = await rig.tags.create(newTag('order'))
      for (const [step, freeFrom] of HISTORY) {
        await step(rig, tag)
        const free = freeFrom === undefined ? [] : [{ first: freeFrom, last: 100n }]
        expect(await rig.free(tag.name)).toEqual(free)
        await replay()
        expect(await rig.free(tag.name)).toEqual(free)
      }
      const ids = [51n, 60n, 61n, 70n, 71n, 100n]
      const owners = ids.map(async (id) => (await rig.ledger('E').find(tag.name, id))?.instance)
      expect(await Promise.all(owners)).toEqual(['B', 'B', 'C', 'C', 'D', 'D'])
    })
  })

  test('executed again, frees nothing that was given back untouched and taken since', async () => {
    await record(async (rig, replay) => {
      const tag = await rig.tags.create(newTag('untouched'))
      for (const step of UNTOUCHED) await step(rig, tag)
      await replay()
      expect(await rig.free(tag.name)).toEqual([])
    })
  })
})

async function giveBack(rig: RestRig, instance: string, { name, generation }: Tag, first: bigint) {
  await rig.rests(instance).giveBack([{ tag: name, range: { first, last: 100n }, generation }])
}

async function take(rig: RestRig, instance: string, tag: Tag): Promise<SegmentLease | undefined> {
  const rest = await rig.rests(instance).take(tag, 0n, AbortSignal.timeout(5_000))
  if (rest === undefined) return undefined
  const range = { first: rest.offset + 1n, last: rest.maxId }
  await rig.ledger(instance).append([{ tag: tag.name, range, ageMs: 0 }])
  return rest
}
