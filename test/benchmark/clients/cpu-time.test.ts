import { expect, test } from '@jest/globals'
import { cpuSecondsIn } from './cpu-time.ts'

test('the time of a process is that of its own code and of the kernel for it, whatever its name', () => {
  const stat =
    '17 (a) S 1 (b) R 1 17 17 0 -1 4194560 500 900 0 0 250 50 7000 8000 20 0 1 0 99 1 1\n'
  expect(cpuSecondsIn(stat)).toBe(3)
})
