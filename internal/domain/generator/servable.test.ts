import { expect, test } from '@jest/globals'
import { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import { MAX_ID, parseTagName, type Tag } from '../entity/tag.ts'
import { ensureServable } from './servable.ts'

const GOOD: Tag = {
  name: parseTagName('order-service'),
  mode: 'segment',
  step: 1_000,
  maxId: 1n,
  maxValue: MAX_ID,
  buffer: undefined,
  description: '',
  freeze: undefined,
  deletedMaxId: 0n,
  generation: 0n,
  version: 0n,
}

function refusalOf(tag: Tag): GolovesError | undefined {
  try {
    ensureServable(tag)
    return undefined
  } catch (error) {
    return GolovesError.from(error)
  }
}

test.each<[string, Partial<Tag>]>([
  ['as it comes from the seed', {}],
  ['with the smallest step', { step: 1 }],
  ['from zero', { maxId: 0n }],
  ['that is used up, whose last ids are good', { maxId: MAX_ID }],
  ['of a name that was deleted, from its tombstone on', { maxId: 500n, deletedMaxId: 500n }],
])('a tag is served %s', (_, change) => {
  expect(refusalOf({ ...GOOD, ...change })).toBeUndefined()
})

test.each<[string, Partial<Tag>, object]>([
  ['of another mode', { mode: 'snowflake', step: 0 }, { code: 'MODE_MISMATCH' }],
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
  expect(refusalOf({ ...GOOD, ...change })).toMatchObject(refusal)
  expect(refusalOf({ ...GOOD, ...change })?.metadata['tag']).toBe('order-service')
})
