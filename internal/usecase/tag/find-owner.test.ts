import { describe, expect, test } from '@jest/globals'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import { newSnowflakeTag, newTag } from '../../../test/support/new-tag.ts'
import { MAX_ID, parseTagName } from '../../domain/entity/tag.ts'
import { MemoryLedgerRepository } from '../../repository/ledger/memory-ledger-repository.ts'
import { MemoryStore } from '../../repository/memory-store.ts'
import { MemoryTagRepository } from '../../repository/tag/memory-tag-repository.ts'
import { FindOwner } from './find-owner.ts'
import { GetTag } from './get-tag.ts'

const ORDER = parseTagName('order')
const DAY_MS = 86_400_000

/** A ledger that is kept for 30 days, in which instance A leased 2 to 1001 of a segment tag. */
async function setUp() {
  const clock = new ManualClock()
  const store = new MemoryStore()
  const tags = new MemoryTagRepository(store)
  const ledger = new MemoryLedgerRepository(store, 'A', () => clock.nowMs())
  await tags.create(newTag(ORDER))
  await ledger.append([{ tag: ORDER, range: { first: 2n, last: 1001n }, ageMs: 5_000 }])
  const findOwner = new FindOwner(ledger, new GetTag(tags), { days: 30, clock })
  return { clock, tags, ledger, find: (tag: string, id: string) => findOwner.execute(tag, id) }
}

test('an id has an owner, and the record a beginning', async () => {
  const { clock, find } = await setUp()
  expect(await find('order', '1001')).toEqual({
    lease: {
      range: { first: 2n, last: 1001n },
      instance: 'A',
      address: '',
      leasedAtMs: clock.nowMs() - 5_000,
    },
    reachesBackToMs: clock.nowMs() - 30 * DAY_MS,
  })
})

test.each(['1', '1002', String(MAX_ID)])('the id %s was leased by nobody known', async (id) => {
  const { clock, find } = await setUp()
  const reachesBackToMs = clock.nowMs() - 30 * DAY_MS
  expect(await find('order', id)).toEqual({ lease: undefined, reachesBackToMs })
})

test('a tag that was deleted is asked about as long as the ledger has it', async () => {
  const { tags, find } = await setUp()
  await tags.delete(ORDER)
  expect((await find('order', '5')).lease?.instance).toBe('A')
  await expect(find('order', '1')).rejects.toMatchObject({ code: 'TAG_NOT_FOUND' })
})

describe('what cannot be asked', () => {
  test.each(['', '0', '-1', '1.5', '0x5', ' 5', '9223372036854775808', '99999999999999999999'])(
    'the id "%s"',
    async (id) => {
      const { find } = await setUp()
      await expect(find('order', id)).rejects.toMatchObject({ code: 'ID_INVALID' })
    },
  )

  test('a name that is none', async () => {
    const { find } = await setUp()
    await expect(find('or/der', '5')).rejects.toMatchObject({ code: 'TAG_INVALID' })
  })

  test('a tag that is unknown', async () => {
    const { find } = await setUp()
    await expect(find('Order', '5')).rejects.toMatchObject({ code: 'TAG_NOT_FOUND' })
  })

  test('a snowflake tag, whose ids tell by themselves', async () => {
    const { tags, find } = await setUp()
    await tags.create(newSnowflakeTag('clicks'))
    await expect(find('clicks', '5')).rejects.toMatchObject({
      code: 'MODE_MISMATCH',
      message: expect.stringContaining('idgen decode'),
    })
  })
})
