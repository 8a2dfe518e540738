import { expect, test } from '@jest/globals'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import { RegistryRig } from '../../../test/support/registry-rig.ts'
import { SnowflakeLayout } from '../../domain/entity/snowflake-layout.ts'
import { MAX_ID } from '../../domain/entity/tag.ts'
import { CreateTag, type CreateTagRequest } from './create-tag.ts'

const TWITTER = SnowflakeLayout.parse('twitter')

function creating(rig: RegistryRig, nowMs = rig.clock.nowMs()): CreateTag {
  return new CreateTag(rig.store.tags, rig.registry, new ManualClock(nowMs))
}

type Options = Omit<CreateTagRequest, 'tag'>

test.each<[string, Options, string | undefined]>([
  ['nothing', {}, undefined],
  ['mode segment', { mode: 'segment' }, undefined],
  ['a layout', { layout: 'js-safe' }, 'js-safe'],
  ['mode snowflake', { mode: 'snowflake' }, 'twitter'],
  ['mode snowflake and a layout', { mode: 'snowflake', layout: 'sonyflake' }, 'sonyflake'],
  [
    'a layout spelt out',
    { layout: 'time:40,worker:10,sequence:12,unit:1,epoch:1577203200000' },
    'time:40,worker:10,sequence:12,unit:1,epoch:1577203200000',
  ],
])('whoever asks for %s gets the tag that this means', async (_, options, layout) => {
  const rig = new RegistryRig()
  const created = await creating(rig).execute({ tag: 'orders', ...options })
  expect(created.mode).toBe(layout === undefined ? 'segment' : 'snowflake')
  expect(created.layout?.name).toBe(layout)
  expect(rig.store.row(created.name)).toEqual(created)
})

test('a segment tag gets the defaults where nothing else was asked for', async () => {
  const created = await creating(new RegistryRig()).execute({ tag: 'orders' })
  expect(created).toMatchObject({ step: 1000, maxId: 0n, maxValue: MAX_ID, description: '' })
})

test('what a transport says of options that were left out does not disturb a snowflake tag', async () => {
  const left = { maxId: 0n, maxValue: MAX_ID, buffer: undefined, description: '' }
  const created = await creating(new RegistryRig()).execute({
    ...{ tag: 'orders', layout: 'twitter', step: undefined },
    ...left,
  })
  expect(created).toMatchObject({ mode: 'snowflake', step: 0, ...left })
})

test.each<[string, Options, string]>([
  ['segment with a layout', { mode: 'segment', layout: 'twitter' }, 'a segment tag has no layout'],
  ['segment with step 0', { mode: 'segment', step: 0 }, 'step must be a whole number'],
  ['snowflake with a step', { mode: 'snowflake', step: 1000 }, 'a snowflake tag has no step'],
  ['snowflake with a start', { layout: 'twitter', maxId: 1n }, 'a snowflake tag has no max_id'],
  [
    'snowflake with an end',
    { mode: 'snowflake', maxValue: 9n },
    'a snowflake tag has no max_value',
  ],
  ['snowflake with a buffer', { layout: 'twitter', buffer: 'chain' }, 'no buffer'],
  ['snowflake with a note', { layout: 'twitter', description: 'note' }, 'no description'],
  ['of a layout nobody knows', { layout: 'twiter' }, 'the layout must be one of twitter, js-safe'],
  ['of a layout without a name', { layout: '' }, 'the layout must be one of twitter, js-safe'],
  [
    'of a layout of 64 bits',
    { layout: 'time:41,worker:10,sequence:13,unit:1,epoch:0' },
    "all of the layout's bits must be from 3 to 63, not 64",
  ],
])('a tag %s is refused, and not there afterwards', async (_, options, why) => {
  const rig = new RegistryRig()
  const created = creating(rig).execute({ tag: 'orders', ...options })
  await expect(created).rejects.toMatchObject({
    code: 'TAG_OPTION_INVALID',
    message: expect.stringMatching(/^Tag "orders": .*[^.]\.$/),
  })
  await expect(created).rejects.toThrow(why)
  expect(await rig.store.tags.list('', 10)).toEqual([])
})

test.each([
  [
    'in the last millisecond before its first',
    TWITTER.firstMs - 1,
    'before 2010-11-04T01:42:54.658Z',
  ],
  ['in the first millisecond after its last', TWITTER.lastMs + 1, 'after 2080-07-10T17:30:30.208Z'],
])('a layout is refused %s', async (_, nowMs, when) => {
  const created = creating(new RegistryRig(), nowMs).execute({ tag: 'orders', layout: 'twitter' })
  await expect(created).rejects.toMatchObject({
    code: 'TAG_OPTION_INVALID',
    message: `Tag "orders": the layout twitter has no ids ${when}.`,
  })
})

test.each([TWITTER.firstMs, TWITTER.lastMs])('a layout is fine at %d', async (nowMs) => {
  const created = creating(new RegistryRig(), nowMs).execute({ tag: 'orders', layout: 'twitter' })
  expect((await created).mode).toBe('snowflake')
})

test('a name that is no tag is refused before anything else', async () => {
  const created = creating(new RegistryRig()).execute({ tag: 'a b', layout: 'twiter' })
  await expect(created).rejects.toMatchObject({ code: 'TAG_INVALID' })
})

test('whoever asked in vain before gets ids at once', async () => {
  const rig = new RegistryRig()
  expect(await rig.nextNow('orders')).toBe('TAG_NOT_FOUND')
  await creating(rig).execute({ tag: 'orders', maxId: 7n })
  expect(await rig.nextNow('orders')).toBe(8n)
})
