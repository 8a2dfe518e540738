import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { following, type Position, SnowflakeCursor } from './snowflake-cursor.ts'
import { PRESET_LAYOUTS, SnowflakeLayout } from './snowflake-layout.ts'

const TICK = 1_000

describe('the rule of order', () => {
  const max = 7

  test.each<[string, Position, number, number, Position | undefined]>([
    ['the next of the tick', { tick: 5, sequence: 3 }, 5, 5, { tick: 5, sequence: 4 }],
    ['the first of the tick', { tick: 5, sequence: -1 }, 5, 5, { tick: 5, sequence: 0 }],
    ['the last of the tick', { tick: 5, sequence: 6 }, 5, 5, { tick: 5, sequence: 7 }],
    ['none while the used-up tick lasts', { tick: 5, sequence: 7 }, 5, 5, undefined],
    ['after a used-up tick a full one', { tick: 5, sequence: 7 }, 5, 6, { tick: 6, sequence: 0 }],
    ['also for who comes later', { tick: 5, sequence: 7 }, 9, 9, { tick: 9, sequence: 0 }],
    ['in a new tick, on from before', { tick: 5, sequence: 2 }, 6, 6, { tick: 6, sequence: 3 }],
    ['from the middle on, from 0', { tick: 5, sequence: 3 }, 6, 6, { tick: 6, sequence: 0 }],
    ['the tick that one waited for', { tick: 5, sequence: 7 }, 5, 99, { tick: 6, sequence: 0 }],
    ['what a tick in between has left', { tick: 7, sequence: 4 }, 5, 99, { tick: 7, sequence: 5 }],
    ['no tick before one came', { tick: 5, sequence: 7 }, 8, 99, { tick: 8, sequence: 0 }],
    ['none of a clock that is behind', { tick: 5, sequence: 3 }, 4, 4, undefined],
    ['none of one that is behind by far', { tick: 5, sequence: 7 }, -9, -9, undefined],
    ['none from a tick that is to come', { tick: 5, sequence: 3 }, 8, 7, undefined],
  ])('gives %s', (_, last, since, now, next) => {
    expect(following(last, since, now, max)).toEqual(next)
  })

  test('gives the two of a tick with one bit', () => {
    expect(following({ tick: 5, sequence: 0 }, 5, 5, 1)).toEqual({ tick: 5, sequence: 1 })
    expect(following({ tick: 5, sequence: 0 }, 6, 6, 1)).toEqual({ tick: 6, sequence: 0 })
    expect(following({ tick: 5, sequence: 1 }, 5, 5, 1)).toBeUndefined()
  })

  /** A clock that stands, creeps, jumps and steps back; at each moment some ids are wanted. */
  const walk = fc.array(
    fc.record({
      move: fc.oneof(
        { weight: 6, arbitrary: fc.integer({ min: 0, max: 2 }) },
        { weight: 1, arbitrary: fc.integer({ min: -50, max: 50 }) },
      ),
      wanted: fc.integer({ min: 0, max: 12 }),
      waitedTicks: fc.integer({ min: 0, max: 5 }),
    }),
    { maxLength: 60 },
  )

  test.each([1, 3, 7, 4095])(
    'with sequences up to %s rises on any walk of the clock, and is never ahead of it',
    (sequenceMax) => {
      const rises = fc.property(walk, (moments) => {
        let last: Position = { tick: 0, sequence: sequenceMax }
        let now = 10
        for (const { move, wanted, waitedTicks } of moments) {
          now += move
          for (let id = 0; id < wanted; id++) {
            const next = following(last, now - waitedTicks, now, sequenceMax)
            if (next === undefined) break
            expect(isAbove(next, last)).toBe(true)
            expect(next.tick).toBeLessThanOrEqual(now)
            expect(next.sequence).toBeLessThanOrEqual(sequenceMax)
            last = next
          }
        }
      })
      fc.assert(rises, { numRuns: 300 })
    },
  )

  test.each([1, 3, 255, 511, 4095, 2 ** 22 - 1])(
    'with sequences up to %s has at least half a tick for a burst, wherever the last one ended',
    (sequenceMax) => {
      const isRoomy = fc.property(fc.nat(sequenceMax), (sequence) => {
        const first = following({ tick: TICK, sequence }, TICK + 1, TICK + 1, sequenceMax)
        const left = sequenceMax - (first?.sequence ?? sequenceMax) + 1
        expect(left).toBeGreaterThanOrEqual((sequenceMax + 1) / 2)
      })
      fc.assert(isRoomy)
    },
  )

  test.each(PRESET_LAYOUTS)(
    'spreads the sequences of %s evenly over any modulus when one id is taken per tick',
    (name) => {
      const layout = SnowflakeLayout.parse(name)
      const cursor = new SnowflakeCursor(layout)
      const ticks = 20_000
      const sequences = Array.from({ length: ticks }, (_, n) => {
        enterNext(cursor, layout, TICK + n)
        return layout.unpack(cursor.next(layout.startOf(TICK + n))).sequence
      })
      for (let modulus = 2; modulus <= 16; modulus++) {
        const counts = countsOf(sequences, modulus)
        // Each run through half a tick may have one more of some remainders than of others.
        const runs = Math.ceil(ticks / ((layout.sequenceMax + 1) / 2))
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(runs)
      }
    },
  )

  test.each(['twitter', 'js-safe', 'seconds'])(
    'spreads the ids of %s themselves evenly too, over half a minute of ticks',
    (name) => {
      const layout = SnowflakeLayout.parse(name)
      const cursor = new SnowflakeCursor(layout)
      const ids = Array.from({ length: 30_720 }, (_, n) => {
        enterNext(cursor, layout, TICK + n)
        return cursor.next(layout.startOf(TICK + n))
      })
      for (let modulus = 2; modulus <= 16; modulus++) {
        const counts = countsOf(
          ids.map((id) => Number(id % BigInt(modulus))),
          modulus,
        )
        const even = ids.length / modulus
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThan(even / 50)
      }
    },
  )
})

function isAbove(one: Position, other: Position): boolean {
  return one.tick > other.tick || (one.tick === other.tick && one.sequence > other.sequence)
}

/** Goes on at `tick` as a generator does that was last asked before it. */
function enterNext(cursor: SnowflakeCursor, layout: SnowflakeLayout, tick: number): void {
  const position = following(cursor.position, tick, tick, layout.sequenceMax)
  if (position === undefined) throw new Error(`Nothing follows at ${tick}.`)
  cursor.enter(position, 0)
}

function countsOf(numbers: readonly number[], modulus: number): number[] {
  const counts = Array.from({ length: modulus }, () => 0)
  for (const number of numbers) counts[number % modulus] = (counts[number % modulus] ?? 0) + 1
  return counts
}
