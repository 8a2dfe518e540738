import { expect, test } from '@jest/globals'
import { CallMeter, LATENCY_BOUNDS_MS, LatencyMeter } from './call-meter.ts'

test('a latency falls into the first bucket whose bound it does not pass', () => {
  const latency = new LatencyMeter()
  for (const ms of [0, 0.01, 0.011, 1, 30_000, 30_001]) latency.note(ms)
  const expected = new Map([
    [0.01, 2],
    [0.025, 1],
    [1, 1],
    [30_000, 1],
  ])
  const slower = 1
  expect([...latency.buckets]).toEqual([
    ...LATENCY_BOUNDS_MS.map((bound) => expected.get(bound) ?? 0),
    slower,
  ])
  expect(latency.sumMs).toBeCloseTo(60_002.021)
})

test('a call is counted as it begins, and by its status as it ends', () => {
  const meter = new CallMeter({ rpc: 'a' }, 16)
  meter.begin()
  meter.begin()
  meter.end(16, 2)
  meter.turnAway(0)
  expect(meter.started).toBe(2)
  expect([0, 1, 16].map((status) => meter.endedWith(status))).toEqual([1, 0, 1])
  expect([...meter.latency.buckets].reduce((sum, count) => sum + count)).toBe(1)
})
