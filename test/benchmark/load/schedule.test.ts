import { expect, test } from '@jest/globals'
import { Schedule } from './schedule.ts'

const schedule = new Schedule(100, 2000, 0.002)

test('each question is due at its time, the first one at once', () => {
  expect([99, 100, 100.4, 100.5, 101.4, 101.5].map((ms) => schedule.dueAt(ms))).toStrictEqual([
    ...[0, 1, 1, 2, 3, 4],
  ])
  expect([0, 1, 3].map((question) => schedule.plannedMs(question))).toStrictEqual([
    100, 100.5, 101.5,
  ])
})

test('it has an end', () => {
  expect(schedule.count).toBe(4)
  expect(schedule.dueAt(1000)).toBe(4)
})
