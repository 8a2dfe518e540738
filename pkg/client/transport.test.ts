import { describe, expect, test } from '@jest/globals'
import { unlessAborted } from './transport.ts'

const ABORTED = new Error('no answer within 5 ms')

/** Something that was started, and what became of it. */
function started() {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const limit = new AbortController()
  let stops = 0
  const outcome = unlessAborted<string>(limit.signal, (settle, fail) => {
    promise.then(settle, fail)
    return () => {
      stops += 1
    }
  })
  outcome.catch(() => {})
  return { outcome, resolve, reject, abort: () => limit.abort(ABORTED), stops: () => stops }
}

describe('before it is called off,', () => {
  test('it comes to what was started', async () => {
    const { outcome, resolve, abort, stops } = started()
    resolve('ids')
    expect(await outcome).toBe('ids')
    abort()
    expect(stops()).toBe(0)
  })

  test('it fails as what was started', async () => {
    const { outcome, reject, abort, stops } = started()
    reject(new Error('refused'))
    await expect(outcome).rejects.toThrow('refused')
    abort()
    expect(stops()).toBe(0)
  })
})

test('once it is called off, what was started is stopped, and not listened to', async () => {
  for (const late of ['resolve', 'reject'] as const) {
    const { outcome, abort, stops, ...settle } = started()
    abort()
    settle[late]('too late')
    await expect(outcome).rejects.toBe(ABORTED)
    expect(stops()).toBe(1)
  }
})
