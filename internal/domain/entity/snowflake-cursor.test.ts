import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { sizeOf } from './id-range.ts'
import { SEQUENCE_OVERFLOW } from './id-segment.ts'
import { following, SnowflakeCursor } from './snowflake-cursor.ts'
import { PRESET_LAYOUTS, SnowflakeLayout } from './snowflake-layout.ts'
import { MAX_ID } from './tag.ts'

const TICK = 1_000
const LAYOUTS = [...PRESET_LAYOUTS, 'time:3,sequence:2,worker:2,unit:7,epoch:0']

/** A cursor, and its ids at the moment at which `tick` begins unless another is given. */
function setUp(name: string) {
  const layout = SnowflakeLayout.parse(name)
  const cursor = new SnowflakeCursor(layout)
  const next = (tick: number, afterMs = 0) => cursor.next(layout.startOf(tick) + afterMs)
  return { layout, cursor, next }
}

/** The ids of a tick from `first` to `last`, put together one by one. */
function packed(
  layout: SnowflakeLayout,
  tick: number,
  worker: number,
  first: number,
  last: number,
) {
  const sequences = Array.from({ length: last - first + 1 }, (_, n) => first + n)
  return sequences.map((sequence) => layout.pack({ tick, worker, sequence }))
}

describe.each(LAYOUTS)('a cursor of %s', (name) => {
  const { workerMax, sequenceMax, unitMs, tickMax } = SnowflakeLayout.parse(name)
  const tick = Math.min(TICK, tickMax - 1)

  test('gives nothing before it was told where to begin', () => {
    const { layout, cursor } = setUp(name)
    expect(cursor.next(layout.epochMs)).toBe(SEQUENCE_OVERFLOW)
    expect(cursor.take(1)).toBeUndefined()
    expect(cursor.position).toEqual({ tick: 0, sequence: sequenceMax })
    expect(cursor.given).toBe(0n)
  })

  test.each([0, 1, workerMax])('gives the last ids of a tick under worker %s', (worker) => {
    const { layout, cursor, next } = setUp(name)
    const first = Math.max(0, sequenceMax - 4)
    const ids = packed(layout, tick, worker, first, sequenceMax)
    cursor.enter({ tick, sequence: first }, worker)
    expect(ids.map(() => next(tick))).toEqual(ids)
    expect(next(tick)).toBe(SEQUENCE_OVERFLOW)
    expect(next(tick)).toBe(SEQUENCE_OVERFLOW)
    expect(cursor.take(1)).toBeUndefined()
    expect(cursor.position).toEqual({ tick, sequence: sequenceMax })
  })

  test('gives a whole tick at once, and then nothing', () => {
    const { layout, cursor, next } = setUp(name)
    cursor.enter({ tick, sequence: 0 }, workerMax)
    const [first, last] = [0, sequenceMax].map((sequence) =>
      layout.pack({ tick, worker: workerMax, sequence }),
    )
    const whole = { first, last, step: layout.sequenceStep }
    expect(cursor.take(2 ** 40)).toEqual(whole)
    expect(cursor.take(1)).toBeUndefined()
    expect(next(tick)).toBe(SEQUENCE_OVERFLOW)
    expect(cursor.given).toBe(BigInt(sequenceMax + 1))
  })

  test('gives ids of a tick while it lasts, and neither before nor after', () => {
    const { layout, cursor, next } = setUp(name)
    cursor.enter({ tick, sequence: 0 }, 1)
    const outside = [next(tick, -1), next(tick, unitMs), next(0), next(tick + 1_000)]
    expect(outside).toEqual(outside.map(() => SEQUENCE_OVERFLOW))
    expect(cursor.position).toEqual({ tick, sequence: -1 })
    const inside = [next(tick), next(tick, unitMs - 1)]
    expect(inside).toEqual(packed(layout, tick, 1, 0, 1))
  })
})

describe('a cursor', () => {
  test('gives by take and by next what the other has left', () => {
    const { layout, cursor, next } = setUp('sonyflake')
    cursor.enter({ tick: TICK, sequence: 250 }, 3)
    const [a, b, c, d, e, f] = packed(layout, TICK, 3, 250, 255)
    expect(next(TICK)).toBe(a)
    expect(cursor.take(2)).toEqual({ first: b, last: c, step: 65_536n })
    expect(next(TICK, 9)).toBe(d)
    expect(cursor.take(1)).toEqual({ first: e, last: e, step: 65_536n })
    expect(cursor.take(100)).toEqual({ first: f, last: f, step: 65_536n })
    expect(cursor.take(100)).toBeUndefined()
  })

  test('takes of a tick also when it is over, for those who waited', () => {
    const { layout, cursor, next } = setUp('twitter')
    cursor.enter({ tick: TICK, sequence: 0 }, 0)
    expect(next(TICK + 5)).toBe(SEQUENCE_OVERFLOW)
    const [first, second] = packed(layout, TICK, 0, 0, 1)
    expect(cursor.take(2)).toEqual({ first, last: second, step: 1n })
  })

  test.each([TICK, TICK - 1, 1])('that gave tick 1000 does not enter tick %s', (tick) => {
    const { layout, cursor, next } = setUp('twitter')
    cursor.enter({ tick: TICK, sequence: 7 }, 2)
    const [seven, eight] = packed(layout, TICK, 2, 7, 8)
    expect(next(TICK)).toBe(seven)
    expect(() => cursor.enter({ tick, sequence: 4095 }, 2)).toThrow(RangeError)
    expect(next(TICK)).toBe(eight)
    expect(cursor.given).toBe(2n)
  })

  test('that passes over ticks gives none of them, nor what it had left', () => {
    const { layout, cursor, next } = setUp('twitter')
    cursor.enter({ tick: TICK, sequence: 0 }, 2)
    next(TICK)
    cursor.passOver(TICK + 50)
    expect([next(TICK), next(TICK + 50)]).toEqual([SEQUENCE_OVERFLOW, SEQUENCE_OVERFLOW])
    expect(cursor.take(1)).toBeUndefined()
    expect(cursor.position).toEqual({ tick: TICK + 50, sequence: layout.sequenceMax })
    expect(() => cursor.enter({ tick: TICK + 50, sequence: 0 }, 2)).toThrow(RangeError)
    cursor.enter({ tick: TICK + 51, sequence: 0 }, 2)
    expect(next(TICK + 51)).toBe(layout.pack({ tick: TICK + 51, worker: 2, sequence: 0 }))
  })

  test('that passes over ticks it has left behind keeps its place', () => {
    const { layout, cursor, next } = setUp('twitter')
    cursor.enter({ tick: TICK, sequence: 0 }, 2)
    cursor.passOver(5)
    expect(next(TICK)).toBe(SEQUENCE_OVERFLOW)
    expect(cursor.position).toEqual({ tick: TICK, sequence: layout.sequenceMax })
    expect(() => cursor.enter({ tick: TICK, sequence: 0 }, 2)).toThrow(RangeError)
  })

  test('goes on under another worker', () => {
    const { layout, cursor, next } = setUp('sonyflake')
    cursor.enter({ tick: TICK, sequence: 0 }, 9)
    next(TICK)
    cursor.enter({ tick: TICK + 1, sequence: 1 }, 3)
    expect(next(TICK + 1)).toBe(layout.pack({ tick: TICK + 1, worker: 3, sequence: 1 }))
  })

  test('counts what has left, and not what was passed over', () => {
    const { cursor, next } = setUp('js-safe')
    cursor.enter({ tick: TICK, sequence: 500 }, 0)
    expect(cursor.given).toBe(0n)
    next(TICK)
    cursor.take(3)
    expect(cursor.given).toBe(4n)
    cursor.enter({ tick: TICK + 1, sequence: 0 }, 0)
    expect(cursor.given).toBe(4n)
    cursor.take(1_000)
    expect(cursor.given).toBe(516n)
    cursor.enter({ tick: TICK + 2, sequence: 0 }, 0)
    next(TICK + 2)
    cursor.passOver(TICK + 9)
    cursor.passOver(0)
    expect(cursor.given).toBe(517n)
  })
})

describe('the last tick of 63 bits', () => {
  test.each([
    'twitter',
    'time:52,worker:10,sequence:1,unit:1,epoch:0',
    'time:20,sequence:12,worker:31,unit:1,epoch:0',
  ])('of %s ends at the highest id there is: nothing wraps, nothing is negative', (name) => {
    const { layout, cursor } = setUp(name)
    const { tickMax: tick, workerMax: worker, sequenceMax } = layout
    cursor.enter({ tick, sequence: sequenceMax - 1 }, worker)
    const [secondLast, last] = packed(layout, tick, worker, sequenceMax - 1, sequenceMax)
    expect(cursor.take(1)).toMatchObject({ first: secondLast, last: secondLast })
    expect(cursor.take(5)).toMatchObject({ first: last, last: MAX_ID })
    expect(cursor.take(5)).toBeUndefined()
    expect(cursor.next(layout.startOf(tick))).toBe(SEQUENCE_OVERFLOW)
    expect(() => cursor.enter({ tick: tick + 1, sequence: 0 }, worker)).toThrow(RangeError)
  })

  test('is given one by one up to the highest id', () => {
    const { layout, cursor } = setUp('twitter')
    cursor.enter({ tick: layout.tickMax, sequence: 4094 }, layout.workerMax)
    const ids = Array.from({ length: 4 }, () => cursor.next(layout.lastMs))
    expect(ids).toEqual([MAX_ID - 1n, MAX_ID, SEQUENCE_OVERFLOW, SEQUENCE_OVERFLOW])
  })
})

test('any walk gives each id once, in order, and none ahead of the clock', () => {
  const layout = SnowflakeLayout.parse('time:40,worker:2,sequence:3,unit:2,epoch:0')
  const moment = fc.record({
    moveMs: fc.integer({ min: -5, max: 9 }),
    wanted: fc.integer({ min: 1, max: 20 }),
    passesOver: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  })
  const gives = fc.property(fc.array(moment), fc.boolean(), (moments, one) => {
    const cursor = new SnowflakeCursor(layout)
    let nowMs = 100
    let last = 0n
    let given = 0n
    for (const { moveMs, wanted, passesOver } of moments) {
      nowMs += moveMs
      const now = layout.tickAt(nowMs)
      if (passesOver) cursor.passOver(now)
      const position = following(cursor.position, now, now, layout.sequenceMax)
      if (position === undefined) continue
      if (position.tick > cursor.position.tick) cursor.enter(position, 1)
      const range = one ? rangeOf(cursor.next(nowMs)) : cursor.take(wanted)
      if (range === undefined) continue
      expect(range.first).toBeGreaterThan(last)
      expect(range.last).toBeGreaterThanOrEqual(range.first)
      expect(layout.unpack(range.last)).toMatchObject({ worker: 1 })
      expect(layout.unpack(range.last).tick).toBeLessThanOrEqual(now)
      last = range.last
      given += sizeOf(range)
      expect(cursor.given).toBe(given)
    }
  })
  fc.assert(gives, { numRuns: 500 })
})

function rangeOf(id: bigint) {
  return id === SEQUENCE_OVERFLOW ? undefined : { first: id, last: id }
}
