import { expect, test } from '@jest/globals'
import { aTag } from '../../../test/support/a-tag.ts'
import { loneGenerator } from '../../../test/support/lone-generator.ts'
import { ManualClock, settled } from '../../../test/support/manual-clock.ts'
import type { Caller } from './caller.ts'
import { segmentChain } from './segment-chain.ts'
import type { SegmentGenerator } from './segment-generator.ts'
import {
  type SegmentLease,
  type SegmentLeaseRequest,
  SegmentRepository,
} from './segment-repository.ts'

// The cases of CosId's chain that need a whole generator. The others stand beside the entities.

const CALLER: Caller = { deadlineMs: 5_000, onLeave: () => {} }

/** The highest id leased of a tag, as two instances share it. */
class Row {
  maxId = 0n
}

/** One instance's way to the row: each lease is counted, and held back until it is granted. */
class HeldBackLeases extends SegmentRepository {
  /** The sizes of the leases that were granted, in order. */
  readonly granted: bigint[] = []
  readonly #row: Row
  readonly #held: (() => void)[] = []

  constructor(row = new Row()) {
    super()
    this.#row = row
  }

  get heldBack(): number {
    return this.#held.length
  }

  override async lease({ size }: SegmentLeaseRequest): Promise<SegmentLease> {
    await new Promise<void>((resolve) => {
      this.#held.push(resolve)
    })
    this.granted.push(size)
    this.#row.maxId += size
    return { offset: this.#row.maxId - size, maxId: this.#row.maxId }
  }

  grant(): void {
    this.#held.shift()?.()
  }
}

function generatorOn(
  segments: SegmentRepository,
  step: number,
  safeDistance: number,
): SegmentGenerator {
  const policy = segmentChain({ sizing: 'fixed', safeDistance, reserveS: 0 })
  const tag = aTag({ step, maxId: 0n })
  return loneGenerator({ tag, segments, policy, clock: new ManualClock() })
}

/** The answer to one question, for which exactly one lease has to be granted. */
async function nextByLease(generator: SegmentGenerator, leases: HeldBackLeases): Promise<bigint> {
  const id = generator.next(CALLER)
  expect(id).toBeInstanceOf(Promise)
  await settled()
  expect(leases.heldBack).toBe(1)
  leases.grant()
  return await id
}

test('case 21: at step 2 and safe distance 2, four ids cost one lease', async () => {
  const leases = new HeldBackLeases()
  const generator = generatorOn(leases, 2, 2)
  expect(await nextByLease(generator, leases)).toBe(1n)
  expect([generator.next(CALLER), generator.next(CALLER)]).toEqual([2n, 3n])
  expect(generator.next(CALLER)).toBe(4n)
  expect(leases.granted).toEqual([4n])
  expect(generator.state().lastLease?.range).toEqual({ first: 1n, last: 4n })
  expect(generator.hasIds).toBe(false)
})

test('case 22: the fifth id is the first of the second lease', async () => {
  const leases = new HeldBackLeases()
  const generator = generatorOn(leases, 2, 2)
  await nextByLease(generator, leases)
  for (const id of [2n, 3n, 4n]) expect(generator.next(CALLER)).toBe(id)
  expect(await nextByLease(generator, leases)).toBe(5n)
  expect(leases.granted).toHaveLength(2)
  expect(generator.state().lastLease?.range.first).toBe(5n)
})

test('case 26: two generators on one row leave gaps, but give no id twice', async () => {
  const row = new Row()
  const leasesOfA = new HeldBackLeases(row)
  const leasesOfB = new HeldBackLeases(row)
  const a = generatorOn(leasesOfA, 2, 2)
  const b = generatorOn(leasesOfB, 2, 2)
  const firsts = [await nextByLease(a, leasesOfA), await nextByLease(b, leasesOfB)]
  expect([...firsts, a.next(CALLER), b.next(CALLER)]).toEqual([1n, 5n, 2n, 6n])
})

test('case 28: four callers who take turns get 1 to 256 between them', async () => {
  const leases = new HeldBackLeases()
  const generator = generatorOn(leases, 64, 4)
  const callers = Array.from({ length: 4 }, async () => {
    const ids: bigint[] = []
    while (ids.length < 64) ids.push(await generator.next(CALLER))
    return ids
  })
  await settled()
  leases.grant()
  const ids = (await Promise.all(callers)).flat().toSorted((a, b) => Number(a - b))
  expect(ids).toEqual(Array.from({ length: 256 }, (_, index) => BigInt(index + 1)))
  expect(leases.granted).toEqual([256n])
})
