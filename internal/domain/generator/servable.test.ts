import { expect, test } from '@jest/globals'
import { aTag } from '../../../test/support/a-tag.ts'
import { SnowflakeLayout } from '../entity/snowflake-layout.ts'
import { MAX_ID, type Tag } from '../entity/tag.ts'
import { ensureServable, refusalOf } from './servable.ts'

const SNOWFLAKE = { mode: 'snowflake', layout: SnowflakeLayout.parse('twitter') } as const

test.each<[string, Partial<Tag>]>([
  ['as it comes from the seed', {}],
  ['with the smallest step', { step: 1 }],
  ['from zero', { maxId: 0n }],
  ['that is used up, whose last ids are good', { maxId: MAX_ID }],
  ['of mode snowflake, which has no step', { ...SNOWFLAKE, step: 0, maxId: 0n }],
  ['of a name that was deleted, from its tombstone on', { maxId: 500n, deletedMaxId: 500n }],
])('a tag is served %s', (_, change) => {
  expect(refusalOf(aTag(change))).toBeUndefined()
  expect(() => ensureServable(aTag(change))).not.toThrow()
})

test.each<[string, Partial<Tag>, object]>([
  ['of step 0', { step: 0 }, { code: 'TAG_OPTION_INVALID' }],
  ['of a negative step', { step: -5 }, { code: 'TAG_OPTION_INVALID' }],
  ['of a negative max_id', { maxId: -1n }, { code: 'TAG_OPTION_INVALID' }],
  ['that an operator froze', { freeze: { reason: 'operator' } }, { code: 'TAG_FROZEN' }],
  [
    'that was frozen for having lost ids',
    { maxId: 5_000n, freeze: { reason: 'went-backwards', above: 1_000n } },
    { code: 'STORE_WENT_BACKWARDS', metadata: { above: '1000' } },
  ],
  [
    'below its tombstone',
    { maxId: 499n, deletedMaxId: 500n },
    { code: 'STORE_WENT_BACKWARDS', metadata: { above: '500' } },
  ],
])('a tag is refused %s', (_, change, refusal) => {
  expect(refusalOf(aTag(change))).toMatchObject(refusal)
  expect(refusalOf(aTag(change))?.metadata['tag']).toBe('order-service')
  expect(() => ensureServable(aTag(change))).toThrow(refusalOf(aTag(change))?.message)
})
