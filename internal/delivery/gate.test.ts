import { expect, test } from '@jest/globals'
import { Gate } from './gate.ts'

function refusal(retryAfterMs: number) {
  return expect.objectContaining({ code: 'SHUTTING_DOWN', retryAfterMs })
}

test('it lets everyone in until it is closed', () => {
  const gate = new Gate()
  expect(() => gate.enter()).not.toThrow()
  gate.close(2_000)
  expect(() => gate.enter()).toThrow(refusal(2_000))
  expect(() => gate.enter()).toThrow(refusal(2_000))
})

test('it is closed also where there is nothing to wait for', () => {
  const gate = new Gate()
  gate.close(0)
  expect(() => gate.enter()).toThrow(refusal(0))
})

test('while it is held it refuses for want of a store, until it is opened', () => {
  const gate = new Gate()
  gate.hold(1_000)
  expect(() => gate.enter()).toThrow(
    expect.objectContaining({ code: 'STORE_UNAVAILABLE', retryAfterMs: 1_000 }),
  )
  gate.open()
  expect(() => gate.enter()).not.toThrow()
})
