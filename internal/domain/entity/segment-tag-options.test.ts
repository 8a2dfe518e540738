import { expect, test } from '@jest/globals'
import { NO_SEGMENT_OPTIONS, refuseSegmentOptions } from './segment-tag-options.ts'
import { MAX_ID, parseTagName } from './tag.ts'

const name = parseTagName('flake')

test.each([
  {},
  { step: undefined, maxId: undefined, maxValue: undefined, description: undefined },
  NO_SEGMENT_OPTIONS,
  { maxValue: MAX_ID },
])('%j asks for nothing that a snowflake tag has not', (wanted) => {
  expect(() => refuseSegmentOptions(name, wanted)).not.toThrow()
})

test.each([
  ['step', { step: 1 }],
  ['max_id', { maxId: 1n }],
  ['max_value', { maxValue: MAX_ID - 1n }],
  ['buffer', { buffer: 'double' as const }],
  ['description', { description: ' ' }],
])('%s is refused by its name', (option, wanted) => {
  expect(() => refuseSegmentOptions(name, wanted)).toThrow(
    expect.objectContaining({
      code: 'TAG_OPTION_INVALID',
      message: `Tag "flake": a snowflake tag has no ${option}.`,
    }),
  )
})
