import { expect, test } from '@jest/globals'
import { storeUnavailable } from '../../../pkg/errors/failures.ts'
import { problem } from './problem.ts'

test.each([
  [0, 0, '1'],
  [1, 1, '1'],
  [1000, 1000, '1'],
  [1000.5, 1001, '2'],
  [59_999.5, 60_000, '60'],
])('a wait of %d ms is told as %d ms and as %s s', (ms, retryAfterMs, seconds) => {
  const { headers, body = '' } = problem(storeUnavailable(ms))
  expect(headers).toMatchObject({ 'retry-after': seconds })
  expect(JSON.parse(body)).toMatchObject({ retryAfterMs })
})
