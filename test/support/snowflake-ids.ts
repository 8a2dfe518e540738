import { expect } from '@jest/globals'
import { type IdRange, sizeOf } from '../../internal/domain/entity/id-range.ts'
import type { SnowflakeLayout } from '../../internal/domain/entity/snowflake-layout.ts'
import { countOf } from './count-of.ts'
import type { Answer } from './test-caller.ts'

/** The ranges that a call was answered with. @throws Error if it was not. */
export function rangesOf({ is }: Answer<readonly IdRange[]>): readonly IdRange[] {
  if (typeof is === 'string') throw new Error(`It is ${is}.`)
  return is
}

/** All ids of the ranges, one by one. */
export function idsIn(ranges: readonly IdRange[]): bigint[] {
  return ranges.flatMap((range) =>
    Array.from(
      { length: Number(sizeOf(range)) },
      (_, n) => range.first + BigInt(n) * (range.step ?? 1n),
    ),
  )
}

/** Ranges of exactly `count` ids of the layout, all of one worker, each id above the one before. */
export function expectSound(
  ranges: readonly IdRange[],
  count: number,
  layout: SnowflakeLayout,
): void {
  expect(countOf(ranges)).toBe(BigInt(count))
  const workers = new Set<number>()
  let last = 0n
  for (const range of ranges) {
    const [from, to] = [layout.unpack(range.first), layout.unpack(range.last)]
    for (const { worker } of [from, to]) workers.add(worker)
    expect(range.first).toBeGreaterThan(last)
    expect(range.last).toBeGreaterThanOrEqual(range.first)
    expect(range.step).toBe(layout.sequenceStep)
    // As many as there are places between the two ends, so that none of those is skipped or made up.
    const ticks = to.tick - from.tick
    expect(sizeOf(range)).toBe(
      BigInt(ticks * (layout.sequenceMax + 1) + to.sequence - from.sequence + 1),
    )
    last = range.last
  }
  expect(workers.size).toBe(1)
}
