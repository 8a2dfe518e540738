import { expect, test } from '@jest/globals'
import { SystemClock } from '../../../pkg/clock/system-clock.ts'
import { repeatWhileItHelps } from './repeat.ts'

const CONTEXT = { clock: new SystemClock(), random: () => 0 }
const DEADLOCK = Object.assign(new Error('deadlock'), { errno: 1213 })

test('work that the store has undone is run again until it succeeds', async () => {
  const answers = [DEADLOCK, DEADLOCK, DEADLOCK]
  const attempt = async () => {
    const fault = answers.pop()
    if (fault) throw fault
    return 'done'
  }
  expect(await repeatWhileItHelps(AbortSignal.timeout(5_000), CONTEXT, attempt)).toBe('done')
})

test('it is not run again once nobody waits for it', async () => {
  const waiting = new AbortController()
  let attempts = 0
  const attempt = async () => {
    attempts += 1
    if (attempts === 3) waiting.abort()
    throw DEADLOCK
  }
  await expect(repeatWhileItHelps(waiting.signal, CONTEXT, attempt)).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
    cause: DEADLOCK,
  })
  expect(attempts).toBe(3)
})

test('a result that comes when nobody waits for it any more is dropped', async () => {
  const waiting = new AbortController()
  const attempt = async () => {
    waiting.abort()
    return 'late'
  }
  await expect(repeatWhileItHelps(waiting.signal, CONTEXT, attempt)).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
  })
})

test.each([
  ['a lock wait that ended', { errno: 1205 }, 'STORE_UNAVAILABLE'],
  ['a lost connection', { code: 'PROTOCOL_CONNECTION_LOST' }, 'STORE_UNAVAILABLE'],
  ['whatever else ends the connection', { fatal: true }, 'STORE_UNAVAILABLE'],
  ['a disk that fails', { code: 'SQLITE_IOERR_FSYNC' }, 'STORE_UNAVAILABLE'],
  ['a file that is no database', { code: 'SQLITE_NOTADB' }, 'STORE_UNAVAILABLE'],
  [
    'a read-only server',
    { errno: 1290, code: 'ER_OPTION_PREVENTS_STATEMENT' },
    'STORE_UNAVAILABLE',
  ],
  ['a wrong password', { errno: 1045 }, 'STORE_UNAVAILABLE'],
  ['a statement that is wrong', { errno: 1064, code: 'ER_PARSE_ERROR' }, 'INTERNAL'],
  ['a fault of the program', {}, 'INTERNAL'],
])('%s is not repeated', async (_, marks, code) => {
  let attempts = 0
  const fault = Object.assign(new Error('fault'), marks)
  const attempt = async () => {
    attempts += 1
    throw fault
  }
  const repeated = repeatWhileItHelps(AbortSignal.timeout(5_000), CONTEXT, attempt)
  await expect(repeated).rejects.toMatchObject({ code, cause: fault })
  expect(attempts).toBe(1)
})
