import { describe, expect, test } from '@jest/globals'
import { aTag } from '../../../test/support/a-tag.ts'
import { RegistryRig } from '../../../test/support/registry-rig.ts'
import { PRESET_LAYOUTS, SnowflakeLayout } from '../../domain/entity/snowflake-layout.ts'
import { MAX_ID, parseTagName, type Tag } from '../../domain/entity/tag.ts'
import { GetTag } from '../tag/get-tag.ts'
import { DecodeId } from './decode-id.ts'

const NAME = parseTagName('events')
const NOON_MS = Date.UTC(2026, 10, 21, 12)

/** A store with a tag in it, or none, that no instance knows yet. */
function rigOf(tag?: Tag) {
  const rig = new RegistryRig()
  if (tag !== undefined) rig.store.put(tag)
  const getTag = new GetTag(rig.store.tags)
  return { rig, store: rig.store, decodeId: new DecodeId(getTag, rig.registry) }
}

function snowflake(layout: SnowflakeLayout, changes: Partial<Tag> = {}): Tag {
  const nothing = { step: 0, maxId: 0n, maxValue: MAX_ID, buffer: undefined, description: '' }
  return aTag({ name: NAME, mode: 'snowflake', layout, ...nothing, ...changes })
}

const twitter = SnowflakeLayout.parse('twitter')

describe.each([...PRESET_LAYOUTS, 'time:40,sequence:10,worker:13,unit:5,epoch:0'])(
  'of %s',
  (name) => {
    const layout = SnowflakeLayout.parse(name)
    const { tickMax, workerMax, sequenceMax } = layout

    test.each([
      ['the first id', { tick: 1, worker: 0, sequence: 0 }],
      ['an id of today', { tick: layout.tickAt(NOON_MS), worker: 5, sequence: 77 }],
      ['the last id', { tick: tickMax, worker: workerMax, sequence: sequenceMax }],
    ])('%s comes apart as it was put together', async (_, parts) => {
      const { decodeId } = rigOf(snowflake(layout))
      expect(await decodeId.execute(NAME, String(layout.pack(parts)))).toEqual({
        timeMs: layout.epochMs + parts.tick * layout.unitMs,
        worker: parts.worker,
        sequence: parts.sequence,
      })
    })

    test('the id after the last is none', async () => {
      const { decodeId } = rigOf(snowflake(layout))
      const last = layout.pack({ tick: tickMax, worker: workerMax, sequence: sequenceMax })
      await expect(decodeId.execute(NAME, String(last + 1n))).rejects.toMatchObject({
        code: 'ID_INVALID',
        metadata: { layout: layout.name },
      })
    })
  },
)

test.each([
  ...['0', '-1', '1', '4194303', '9223372036854775808', '1'.repeat(20)],
  ...['', ' ', 'x', '1.5', '1e18', '0x7f', '1 ', '+5', '５', 'Infinity'],
])('"%s" is no id', async (id) => {
  const { decodeId } = rigOf(snowflake(twitter))
  await expect(decodeId.execute(NAME, id)).rejects.toMatchObject({ code: 'ID_INVALID' })
})

describe('the tag', () => {
  const id = String(twitter.pack({ tick: twitter.tickAt(NOON_MS), worker: 3, sequence: 1 }))
  const parts = { timeMs: NOON_MS, worker: 3, sequence: 1 }

  test('is not asked of the store while it is live', async () => {
    const { rig, store, decodeId } = rigOf(snowflake(twitter))
    await rig.nextNow(NAME)
    store.state = 'down'
    expect(await decodeId.execute(NAME, id)).toEqual(parts)
  })

  test.each([
    ['as it is', {}],
    ['also frozen', { freeze: { reason: 'operator' } }],
  ] satisfies [string, Partial<Tag>][])('is read from the store otherwise, %s', async (_, row) => {
    const { decodeId } = rigOf(snowflake(twitter, row))
    expect(await decodeId.execute(NAME, id)).toEqual(parts)
  })

  test.each([
    ['is unknown', undefined, 'TAG_NOT_FOUND'],
    ['is of segment mode', aTag({ name: NAME }), 'MODE_MISMATCH'],
    ['has a fault', snowflake(twitter, { fault: 'its layout is odd' }), 'TAG_OPTION_INVALID'],
    [
      'has a fault instead of a layout',
      aTag({ name: NAME, mode: 'snowflake', fault: 'its layout is odd' }),
      'TAG_OPTION_INVALID',
    ],
  ])('that %s reads no id', async (_, tag, code) => {
    const { decodeId } = rigOf(tag)
    await expect(decodeId.execute(NAME, id)).rejects.toMatchObject({ code })
  })

  test('whose name is none is refused by its name', async () => {
    const { decodeId } = rigOf()
    await expect(decodeId.execute('', id)).rejects.toMatchObject({ code: 'TAG_INVALID' })
  })

  test('that the store cannot tell of is refused as such', async () => {
    const { store, decodeId } = rigOf()
    store.state = 'down'
    await expect(decodeId.execute(NAME, id)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })
})
