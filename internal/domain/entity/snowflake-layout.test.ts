import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { PRESET_LAYOUTS, SnowflakeLayout } from './snowflake-layout.ts'
import { MAX_ID } from './tag.ts'

const TWITTER = 'time:41,worker:10,sequence:12,unit:1,epoch:1288834974657'

function layout(text: string): SnowflakeLayout {
  return SnowflakeLayout.parse(text)
}

describe('the presets', () => {
  test.each([
    ['twitter', { tickMax: 2 ** 41 - 1, workerMax: 1023, sequenceMax: 4095, unitMs: 1 }],
    ['js-safe', { tickMax: 2 ** 41 - 1, workerMax: 7, sequenceMax: 511, unitMs: 1 }],
    ['seconds', { tickMax: 2 ** 31 - 1, workerMax: 1023, sequenceMax: 4194303, unitMs: 1000 }],
    ['sonyflake', { tickMax: 2 ** 39 - 1, workerMax: 65535, sequenceMax: 255, unitMs: 10 }],
  ])('%s has its numbers', (name, numbers) => {
    expect(layout(name)).toMatchObject({ name, ...numbers })
    expect(layout(name).workers).toBe(numbers.workerMax + 1)
  })

  test.each([
    ['twitter', '2010-11-04T01:42:54.658Z', '2080-07-10T17:30:30.209Z'],
    ['js-safe', '2019-12-24T16:00:00.001Z', '2089-08-30T07:47:35.552Z'],
    ['seconds', '2019-12-24T16:00:01.000Z', '2088-01-11T19:14:08.000Z'],
    ['sonyflake', '2025-01-01T00:00:00.010Z', '2199-03-19T03:28:58.880Z'],
  ])('%s begins at %s, and %s is the first moment without ids', (name, first, without) => {
    const { firstMs, lastMs, tickMax } = layout(name)
    expect(new Date(firstMs).toISOString()).toBe(first)
    expect(new Date(lastMs + 1).toISOString()).toBe(without)
    expect(layout(name).tickAt(lastMs)).toBe(tickMax)
    expect(layout(name).tickAt(lastMs + 1)).toBe(tickMax + 1)
  })

  // Published by CosId for 41/10/12 and for 31/10/22, of which the latter names whole seconds.
  test.each([
    ['time:41,worker:10,sequence:12,unit:1,epoch:1577203200000', '2089-08-30T07:47:35.551Z'],
    ['seconds', '2088-01-11T19:14:07.999Z'],
  ])('%s ends when others say that it does', (text, last) => {
    expect(new Date(layout(text).lastMs).toISOString()).toBe(last)
  })

  test('their names are those that can be parsed', () => {
    expect(PRESET_LAYOUTS).toEqual(['twitter', 'js-safe', 'seconds', 'sonyflake'])
    for (const name of PRESET_LAYOUTS) expect(layout(name).name).toBe(name)
  })
})

describe('ids', () => {
  // The first is a tweet of 28 June 2022; the others are the edges.
  test.each([
    ['twitter', 1_541_815_603_606_036_480n, 367_597_485_448, 378, 0],
    ['twitter', MAX_ID, 2 ** 41 - 1, 1023, 4095],
    ['twitter', 1n << 22n, 1, 0, 0],
    ['twitter', (1n << 22n) | (1n << 12n) | 1n, 1, 1, 1],
    ['twitter', 2n ** 62n, 2 ** 40, 0, 0],
    ['twitter', 2n ** 53n + 1n, 2 ** 31, 0, 1],
    ['js-safe', 2n ** 53n - 1n, 2 ** 41 - 1, 7, 511],
    ['js-safe', (1n << 12n) | (1n << 9n) | 1n, 1, 1, 1],
    ['seconds', MAX_ID, 2 ** 31 - 1, 1023, 4194303],
    ['seconds', (1n << 32n) | (1n << 22n) | 1n, 1, 1, 1],
    ['sonyflake', MAX_ID, 2 ** 39 - 1, 65535, 255],
    ['sonyflake', (1n << 24n) | (1n << 16n) | 2n, 1, 2, 1],
  ])('%s: %s is tick %d, worker %d, sequence %d', (name, id, tick, worker, sequence) => {
    expect(layout(name).unpack(id)).toEqual({ tick, worker, sequence })
    expect(layout(name).pack({ tick, worker, sequence })).toBe(id)
  })

  test('any id of any layout is packed and unpacked to the last bit', () => {
    fc.assert(
      fc.property(anyCase(), ({ text, order, parts }) => {
        const id = packedByPowers(order, parts)
        expect(layout(text).pack(parts)).toBe(id)
        expect(layout(text).unpack(id)).toEqual(parts)
        expect(id > 0n && id <= MAX_ID).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  test.each(PRESET_LAYOUTS)('of %s that follow each other are sequenceStep apart', (name) => {
    const { sequenceStep } = layout(name)
    const [one, other] = [7, 8].map((sequence) =>
      layout(name).pack({ tick: 5, worker: 3, sequence }),
    )
    expect(other).toBe((one ?? 0n) + sequenceStep)
  })

  test('of js-safe are safe integers to the very end', () => {
    const { tickMax, workerMax, sequenceMax } = layout('js-safe')
    const last = layout('js-safe').pack({
      tick: tickMax,
      worker: workerMax,
      sequence: sequenceMax,
    })
    expect(last).toBe(BigInt(Number.MAX_SAFE_INTEGER))
    expect(Number.isSafeInteger(Number(last))).toBe(true)
  })

  test.each([
    ['twitter', 0n],
    ['twitter', -1n],
    ['twitter', -(2n ** 63n)],
    ['twitter', 2n ** 22n - 1n], // All of tick 0.
    ['twitter', MAX_ID + 1n],
    ['twitter', 2n ** 64n + 2n ** 22n],
    ['js-safe', 2n ** 53n],
    ['js-safe', MAX_ID],
    ['seconds', 2n ** 32n - 1n],
    ['sonyflake', 2n ** 24n - 1n],
  ])('%s has no id %s', (name, id) => {
    expect(() => layout(name).unpack(id)).toThrow(RangeError)
  })

  test.each([
    { tick: 0 },
    { tick: -1 },
    { tick: 2 ** 41 },
    { tick: 1.5 },
    { tick: Number.NaN },
    { worker: -1 },
    { worker: 1024 },
    { worker: 2 ** 15 },
    { sequence: -1 },
    { sequence: 4096 },
  ])('twitter has no room for %j', (parts) => {
    const pack = () => layout('twitter').pack({ tick: 1, worker: 0, sequence: 0, ...parts })
    expect(pack).toThrow(RangeError)
  })
})

describe('time', () => {
  const seconds = layout('seconds')

  test.each([
    ['the epoch', 0, 0],
    ['the last millisecond before the first tick', 999, 0],
    ['the first moment', 1000, 1],
    ['the last millisecond of a tick', 7999, 7],
    ['a millisecond before the epoch', -1, -1],
    ['1970', -1_577_203_200_000, -1_577_203_200],
    ['the last moment', 2 ** 31 * 1000 - 1, 2 ** 31 - 1],
    ['the first moment without ids', 2 ** 31 * 1000, 2 ** 31],
  ])('%s has its tick', (_, sinceEpochMs, tick) => {
    expect(seconds.tickAt(seconds.epochMs + sinceEpochMs)).toBe(tick)
  })

  test('a tick begins where the one before it ends, in every layout', () => {
    fc.assert(
      fc.property(anyCase(), ({ text, parts: { tick } }) => {
        const found = layout(text)
        expect(found.tickAt(found.startOf(tick))).toBe(tick)
        expect(found.tickAt(found.startOf(tick) - 1)).toBe(tick - 1)
        expect(found.firstMs).toBeLessThanOrEqual(found.startOf(tick))
        expect(found.startOf(tick)).toBeLessThanOrEqual(found.lastMs)
        expect(new Date(found.lastMs).getTime()).toBe(found.lastMs)
      }),
    )
  })
})

describe('parse', () => {
  test.each([
    [TWITTER, 'twitter'],
    ['time:39,sequence:8,worker:16,unit:10,epoch:1735689600000', 'sonyflake'],
    ['time:41,worker:10,sequence:12,unit:01,epoch:01288834974657', 'twitter'],
    ['time:09,worker:01,sequence:09,unit:1,epoch:0', 'time:9,worker:1,sequence:9,unit:1,epoch:0'],
    ['time:41,sequence:12,worker:10,unit:1,epoch:1288834974657', 'the same'],
    ['time:1,worker:31,sequence:31,unit:1000,epoch:0', 'the same'],
    ['time:31,worker:1,sequence:31,unit:1000,epoch:0', 'the same'],
    ['time:52,worker:1,sequence:1,unit:1,epoch:0', 'the same'],
  ])('%s is named %s', (text, name) => {
    expect(layout(text).name).toBe(name === 'the same' ? text : name)
  })

  test('a name names the very same layout', () => {
    fc.assert(
      fc.property(anyCase(), ({ text }) => {
        expect(layout(layout(text).name)).toEqual(layout(text))
      }),
    )
  })

  test('custom order is read from the top bit down', () => {
    const parts = { tick: 1, worker: 2, sequence: 3 }
    const tail = 'unit:1,epoch:0'
    expect(layout(`time:8,worker:4,sequence:6,${tail}`).pack(parts)).toBe(0b1_0010_000011n)
    expect(layout(`time:8,sequence:6,worker:4,${tail}`).pack(parts)).toBe(0b1_000011_0010n)
  })

  const spelt =
    'spelt out, time first, like time:41,worker:10,sequence:12,unit:1,epoch:1288834974657'
  test.each([
    ['', spelt],
    ['Twitter', spelt],
    [' twitter', spelt],
    [`${TWITTER}\n`, spelt],
    [`${TWITTER},`, spelt],
    ['constructor', spelt],
    ['worker:10,time:41,sequence:12,unit:1,epoch:0', spelt],
    ['time:41,worker:10,worker:12,unit:1,epoch:0', spelt],
    ['time:41,sequence:10,sequence:12,unit:1,epoch:0', spelt],
    ['time:41,worker:10,sequence:12,unit:1,epoch:-1', spelt],
    ['time:4.1,worker:10,sequence:12,unit:1,epoch:0', spelt],
    ['time:41,worker:10,sequence:12,unit:1', spelt],
    ['time:0,worker:10,sequence:12,unit:1,epoch:0', 'time bits must be from 1 to 63, not 0'],
    ['time:41,worker:0,sequence:12,unit:1,epoch:0', 'worker bits must be from 1 to 31, not 0'],
    ['time:41,worker:10,sequence:0,unit:1,epoch:0', 'sequence bits must be from 1 to 31, not 0'],
    ['time:20,worker:32,sequence:2,unit:1,epoch:0', 'worker bits must be from 1 to 31, not 32'],
    ['time:20,worker:2,sequence:32,unit:1,epoch:0', 'sequence bits must be from 1 to 31, not 32'],
    ['time:41,worker:10,sequence:13,unit:1,epoch:0', 'bits must be from 3 to 63, not 64'],
    ['time:2,worker:31,sequence:31,unit:1,epoch:0', 'bits must be from 3 to 63, not 64'],
    ['time:64,worker:1,sequence:1,unit:1,epoch:0', 'time bits must be from 1 to 63, not 64'],
    ['time:41,worker:10,sequence:12,unit:0,epoch:0', 'unit must be from 1 to 1000, not 0'],
    ['time:41,worker:10,sequence:12,unit:1001,epoch:0', 'unit must be from 1 to 1000, not 1001'],
    ['time:53,worker:1,sequence:1,unit:1,epoch:0', 'by the year 275760'],
    ['time:61,worker:1,sequence:1,unit:1,epoch:0', 'by the year 275760'],
    ['time:44,worker:1,sequence:1,unit:1000,epoch:0', 'by the year 275760'],
    ['time:52,worker:1,sequence:1,unit:2,epoch:0', 'by the year 275760'],
    ['time:041,worker:10,sequence:12,unit:1,epoch:0', spelt],
    ['time:41,worker:10,sequence:12,unit:00001,epoch:0', spelt],
    ['time:41,worker:10,sequence:12,unit:1,epoch:1234567890123456', spelt],
    ['x'.repeat(200), spelt],
  ])('%j is none, for a reason that fits behind a name', (text, reason) => {
    expect(() => layout(text)).toThrow(RangeError)
    expect(() => layout(text)).toThrow(reason)
    // Half a sentence, whose full stop comes from whoever says what the layout is for.
    expect(() => layout(text)).toThrow(/^(the|all of the) layout[\x20-\x7e]{1,200}[^.]$/)
  })
})

type Field = 'tick' | 'worker' | 'sequence'

interface Case {
  readonly text: string
  /** From the top bit down. */
  readonly order: readonly (readonly [Field, number])[]
  readonly parts: Record<Field, number>
}

/** The id as a number whose digits are the fields, each in its own base. */
function packedByPowers(order: Case['order'], parts: Case['parts']): bigint {
  return order.reduce((id, [field, bits]) => id * 2n ** BigInt(bits) + BigInt(parts[field]), 0n)
}

/** A layout, a preset now and then, and parts that have room in it, those at the ends more often. */
function anyCase(): fc.Arbitrary<Case> {
  const custom = fc
    .record({
      time: fc.integer({ min: 1, max: 42 }),
      worker: fc.integer({ min: 1, max: 31 }),
      sequence: fc.integer({ min: 1, max: 31 }),
      isSequenceLowest: fc.boolean(),
      unit: fc.integer({ min: 1, max: 1000 }),
      epoch: fc.integer({ min: 0, max: 4_000_000_000_000 }),
    })
    .filter(({ time, worker, sequence }) => time + worker + sequence <= 63)
    .map(({ time, worker, sequence, isSequenceLowest, unit, epoch }) => {
      const upper = isSequenceLowest ? `worker:${worker}` : `sequence:${sequence}`
      const lower = isSequenceLowest ? `sequence:${sequence}` : `worker:${worker}`
      return `time:${time},${upper},${lower},unit:${unit},epoch:${epoch}`
    })
  const presets = fc.constantFrom(
    TWITTER,
    'time:41,worker:3,sequence:9,unit:1,epoch:1577203200000',
    'time:31,worker:10,sequence:22,unit:1000,epoch:1577203200000',
    'time:39,sequence:8,worker:16,unit:10,epoch:1735689600000',
  )
  return fc.oneof({ weight: 3, arbitrary: custom }, { weight: 1, arbitrary: presets }).chain(caseOf)
}

function caseOf(text: string): fc.Arbitrary<Case> {
  const order = [...text.matchAll(/(time|worker|sequence):(\d+)/g)].map(
    ([, name, bits]) => [fieldOf(name), Number(bits)] as const,
  )
  const max = (field: Field) => 2 ** (order.find(([name]) => name === field)?.[1] ?? 0) - 1
  return fc
    .record({
      tick: fc.integer({ min: 1, max: max('tick') }),
      worker: fc.integer({ min: 0, max: max('worker') }),
      sequence: fc.integer({ min: 0, max: max('sequence') }),
    })
    .map((parts) => ({ text, order, parts }))
}

function fieldOf(name: string | undefined): Field {
  return name === 'worker' || name === 'sequence' ? name : 'tick'
}
