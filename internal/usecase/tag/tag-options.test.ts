import { expect, test } from '@jest/globals'
import { MAX_ID, MAX_STEP, parseTagName } from '../../domain/entity/tag.ts'
import { checkTagOptions, type TagOptions } from './tag-options.ts'

const name = parseTagName('order-service')

test.each<[string, TagOptions]>([
  ['nothing', {}],
  ['the smallest step', { step: 1 }],
  ['the largest step', { step: MAX_STEP }],
  ['the smallest max_value', { maxValue: 1n }],
  ['the largest max_value', { maxValue: MAX_ID }],
  ['a start at 0', { maxId: 0n }],
  ['a start at the end', { maxId: 100n, maxValue: 100n }],
  ['a description of 256 characters, each of two code units', { description: '🧤'.repeat(256) }],
])('%s is fine', (_, options) => {
  expect(() => checkTagOptions(name, options)).not.toThrow()
})

test.each<[string, TagOptions, string]>([
  ['step 0', { step: 0 }, 'step'],
  ['a step below 0', { step: -1 }, 'step'],
  ['half a step', { step: 1.5 }, 'step'],
  ['a step that no row can hold', { step: MAX_STEP + 1 }, 'step'],
  ['max_value 0', { maxValue: 0n }, 'max_value'],
  ['max_value 2^63', { maxValue: MAX_ID + 1n }, 'max_value'],
  ['a start below 0', { maxId: -1n }, 'max_id'],
  ['a start above the end', { maxId: 101n, maxValue: 100n }, 'max_id'],
  ['a start at 2^63', { maxId: MAX_ID + 1n }, 'max_id'],
  ['a description of 257 characters', { description: 'x'.repeat(257) }, 'description'],
])('%s is refused by name', (_, options, named) => {
  expect(() => checkTagOptions(name, options)).toThrow(
    expect.objectContaining({
      code: 'TAG_OPTION_INVALID',
      message: expect.stringContaining(named),
    }),
  )
})
