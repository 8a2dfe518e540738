import { expect, test } from '@jest/globals'
import { storeUnavailable } from '../../../pkg/errors/failures.ts'
import { problem } from './problem.ts'

test.each([
  [0, '1'],
  [1, '1'],
  [1000, '1'],
  [1001, '2'],
  [59_999.5, '60'],
])('a wait of %d ms is a Retry-After of %s s, since 0 would ask for a hammering', (ms, seconds) => {
  expect(problem(storeUnavailable(ms)).headers).toMatchObject({ 'retry-after': seconds })
})
