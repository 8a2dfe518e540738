import { expect, test } from '@jest/globals'
import { isLoopback } from './loopback.ts'

test.each(['127.0.0.1', '127.9.9.9', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1', 'LocalHost'])(
  'only this machine reaches %s',
  (host) => {
    expect(isLoopback(host)).toBe(true)
  },
)

test.each([
  '0.0.0.0',
  '::',
  '10.0.0.7',
  '128.0.0.1',
  'fe80::1%eth0',
  '::ffff:10.0.0.7',
  'id-1',
  '',
])('others may reach %j', (host) => {
  expect(isLoopback(host)).toBe(false)
})
