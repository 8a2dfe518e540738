import { expect, test } from '@jest/globals'
import { fallsBack } from './store-check.ts'

const FOR_EVER = '4294967295'

test.each([
  ['is off', ['OFF', '10000', 'AFTER_COMMIT', 'OFF'], false],
  ['is not known', [undefined, undefined, undefined, undefined], false],
  ['waits for ever', ['ON', FOR_EVER, 'AFTER_SYNC', 'ON'], false],
  ['waits for ten seconds', ['ON', '10000', 'AFTER_SYNC', 'ON'], true],
  ['lets others see what no replica has', ['ON', FOR_EVER, 'AFTER_COMMIT', 'ON'], true],
  ['does not wait when no replica is left', ['ON', FOR_EVER, 'AFTER_SYNC', 'OFF'], true],
])('semi-synchronous replication that %s', (_, values, expected) => {
  expect(fallsBack(values)).toBe(expected)
})
