import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { MAX_ID, parseTagName } from '../../internal/domain/entity/tag.ts'
import type {
  SegmentLease,
  SegmentLeaseRequest,
  SegmentRepository,
} from '../../internal/domain/generator/segment-repository.ts'
import { newTag } from '../support/new-tag.ts'
import type { OpenRig, StoreRig } from '../support/store-rig.ts'

/** What every `SegmentRepository` promises. */
export function segmentRepositoryContract(name: string, open: OpenRig): void {
  describe(`segment repository: ${name}`, () => {
    let rig: StoreRig
    beforeAll(async () => {
      rig = await open()
    })
    afterAll(() => rig.close())

    leasesOneAfterTheOther(() => rig)
    leasesNothing(() => rig)
    leasesUpToTheEnd(() => rig)
    leasesForMany(() => rig)
  })
}

function leasesOneAfterTheOther(rig: () => StoreRig): void {
  test('the row of the seed leases 2 to 1001 first, and the next lease begins where it ended', async () => {
    const [one, other] = rig().segments
    await rig().insert('seed', { maxId: 1n, step: 1000 })
    const request = requestFor('seed')
    expect(await lease(one, request)).toEqual({ offset: 1n, maxId: 1001n })
    expect(await lease(other, request)).toEqual({ offset: 1001n, maxId: 2001n })
    expect(await lease(one, request)).toEqual({ offset: 2001n, maxId: 3001n })
    expect(await rig().maxId('seed')).toBe(3001n)
  })

  test.each([1n, 7n, 5000n])(
    'the caller, not the row, says that a lease is %d long',
    async (size) => {
      const tag = `size-${size}`
      await rig().insert(tag, { maxId: 10n, step: 1000 })
      const leased = await lease(rig().segments[0], requestFor(tag, { size }))
      expect(leased).toEqual({ offset: 10n, maxId: 10n + size })
    },
  )

  test('a row that was raised by hand is followed', async () => {
    await rig().insert('raised', { maxId: 1n, step: 1000 })
    await lease(rig().segments[0], requestFor('raised'))
    await rig().setMaxId('raised', 50_000n)
    expect(await lease(rig().segments[0], requestFor('raised'))).toEqual({
      offset: 50_000n,
      maxId: 51_000n,
    })
  })
}

function leasesNothing(rig: () => StoreRig): void {
  test('an unknown tag leases nothing', async () => {
    expect(await lease(rig().segments[0], requestFor('unknown'))).toBeUndefined()
  })

  test('ORDER-case is not order-case', async () => {
    await rig().insert('order-case', { maxId: 1n, step: 1000 })
    expect(await lease(rig().segments[0], requestFor('ORDER-case'))).toBeUndefined()
    expect(await rig().maxId('order-case')).toBe(1n)
  })

  test('a step that has changed leases nothing until the caller knows the new one', async () => {
    await rig().insert('step', { maxId: 1n, step: 1000 })
    await rig().setStep('step', 100)
    expect(await lease(rig().segments[0], requestFor('step'))).toBeUndefined()
    expect(await rig().maxId('step')).toBe(1n)
    expect(await lease(rig().segments[0], requestFor('step', { knownStep: 100 }))).toBeDefined()
  })

  test('a generation that has changed leases nothing until the caller knows the new one', async () => {
    const { name } = await rig().tags[0].create(newTag('generation'))
    const { generation } = await rig().tags[0].freeze(name)
    const stale = { generation: generation - 1n }
    expect(await lease(rig().segments[0], requestFor(name, stale))).toBeUndefined()
    expect(await lease(rig().segments[0], requestFor(name, { generation }))).toBeDefined()
  })

  test.each([-1n, -5000n, -(2n ** 63n)])(
    'a row with max_id %d leases nothing and stays',
    async (maxId) => {
      const tag = `negative${maxId}`
      await rig().insert(tag, { maxId, step: 1000 })
      expect(await lease(rig().segments[0], requestFor(tag))).toBeUndefined()
      expect(await rig().maxId(tag)).toBe(maxId)
    },
  )

  test('a lease of no ids, or fewer, is refused before it moves the row backwards', async () => {
    await rig().insert('no-ids', { maxId: 100n, step: 1000 })
    for (const size of [0n, -1n]) {
      await expect(lease(rig().segments[0], requestFor('no-ids', { size }))).rejects.toThrow()
    }
    expect(await rig().maxId('no-ids')).toBe(100n)
  })

  test('a caller whose time is up before it begins leases nothing', async () => {
    await rig().insert('late', { maxId: 1n, step: 1000 })
    const late = rig().segments[0].lease(requestFor('late'), AbortSignal.abort())
    await expect(late).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(await rig().maxId('late')).toBe(1n)
  })
}

function leasesUpToTheEnd(rig: () => StoreRig): void {
  test.each([
    ['2^53', 2n ** 53n - 3n, MAX_ID],
    ['max_value', 90n, 110n],
    ['2^63-1', MAX_ID - 20n, MAX_ID],
  ])('%s is crossed or met exactly, id by id', async (label, maxId, maxValue) => {
    const tag = `end-${label.replace('^', '')}`
    await rig().insert(tag, { maxId, step: 1000 })
    const request = requestFor(tag, { size: 10n, maxValue })
    expect(await lease(rig().segments[0], request)).toEqual({ offset: maxId, maxId: maxId + 10n })
    expect(await lease(rig().segments[1], request)).toEqual({
      offset: maxId + 10n,
      maxId: maxId + 20n,
    })
  })

  test.each([
    ['max_value', 100n],
    ['2^63-1', MAX_ID],
  ])('the last id is exactly %s, and there is none beyond', async (label, maxValue) => {
    const tag = `last-${label.replace('^', '')}`
    await rig().insert(tag, { maxId: maxValue - 3n, step: 1000 })
    const [repository] = rig().segments
    expect(await lease(repository, requestFor(tag, { size: 4n, maxValue }))).toBeUndefined()
    expect(await lease(repository, requestFor(tag, { size: 1000n, maxValue }))).toBeUndefined()
    expect(await lease(repository, requestFor(tag, { size: 3n, maxValue }))).toEqual({
      offset: maxValue - 3n,
      maxId: maxValue,
    })
    for (let again = 0; again < 3; again += 1) {
      expect(await lease(repository, requestFor(tag, { size: 1n, maxValue }))).toBeUndefined()
    }
    expect(await rig().maxId(tag)).toBe(maxValue)
  })
}

function leasesForMany(rig: () => StoreRig): void {
  test('8 callers at once, on both instances, get ranges that touch and never overlap', async () => {
    await rig().insert('many', { maxId: 1n, step: 1000 })
    const leases = await Promise.all(
      Array.from({ length: 8 }, (_, caller) => leaseOften(rig(), caller, requestFor('many'), 20)),
    )
    expect(inOrder(leases.flat())).toEqual(consecutive(1n, 1000n, 160))
  })

  test('a step changed by hand from 1000 to 100 to 5000 while leases run makes no overlap', async () => {
    await rig().insert('changing', { maxId: 1n, step: 1000 })
    const leases: SegmentLease[] = []
    const callers = [1000, 100, 5000].flatMap((knownStep) =>
      Array.from({ length: 2 }, async (_, caller) => {
        // Whoever still remembers another step gets nothing; what anybody gets is disjoint.
        const request = requestFor('changing', { knownStep, size: BigInt(knownStep) })
        leases.push(...(await leaseOften(rig(), caller, request, 40)))
      }),
    )
    for (const step of [100, 5000, 1000, 100, 5000]) {
      await rig().setStep('changing', step)
      const request = requestFor('changing', { knownStep: step, size: BigInt(step) })
      const leased = await lease(rig().segments[0], request)
      if (leased) leases.push(leased)
    }
    await Promise.all(callers)
    expect(leases.length).toBeGreaterThan(0)
    expectDisjoint(leases)
    expect(leases.every(({ maxId, offset }) => [100n, 1000n, 5000n].includes(maxId - offset))).toBe(
      true,
    )
    expect(inOrder(leases).at(-1)?.maxId).toBe(await rig().maxId('changing'))
  })
}

/** What stays true when everything is executed twice: gaps, but no range twice, and `max_id` only rises. */
export function leasesTwiceHarmlessly(name: string, open: OpenRig): void {
  test(`${name}: no range is leased twice and max_id never decreases`, async () => {
    const rig = await open()
    try {
      await rig.insert('twice', { maxId: 1n, step: 10 })
      const leases: SegmentLease[] = []
      let before = 1n
      for (let turn = 0; turn < 10; turn += 1) {
        const request = requestFor('twice', { size: 10n, knownStep: 10, maxValue: 155n })
        for (const repository of rig.segments) {
          const leased = await lease(repository, request)
          if (leased) leases.push(leased)
        }
        const after = await rig.maxId('twice')
        expect(after).toBeGreaterThanOrEqual(before)
        before = after
      }
      expect(before).toBe(151n)
      expect(leases.length).toBeGreaterThan(5)
      expectDisjoint(leases)
    } finally {
      await rig.close()
    }
  })
}

export function requestFor(
  tag: string,
  changes: Partial<SegmentLeaseRequest> = {},
): SegmentLeaseRequest {
  const known = { knownStep: 1000, generation: 0n, maxValue: MAX_ID }
  return { tag: parseTagName(tag), size: 1000n, ...known, ...changes }
}

export function lease(
  repository: SegmentRepository,
  request: SegmentLeaseRequest,
): Promise<SegmentLease | undefined> {
  return repository.lease(request, AbortSignal.timeout(10_000))
}

export function expectDisjoint(leases: readonly SegmentLease[]): void {
  const sorted = inOrder(leases)
  const overlaps = sorted.filter((leased, i) => leased.offset < (sorted[i - 1]?.maxId ?? 0n))
  expect(overlaps).toEqual([])
}

async function leaseOften(
  rig: StoreRig,
  caller: number,
  request: SegmentLeaseRequest,
  times: number,
): Promise<SegmentLease[]> {
  const leases: SegmentLease[] = []
  for (let time = 0; time < times; time += 1) {
    const leased = await lease(rig.segments[caller % 2 === 0 ? 0 : 1], request)
    if (leased) leases.push(leased)
  }
  return leases
}

function inOrder(leases: readonly SegmentLease[]): SegmentLease[] {
  return leases.toSorted((one, other) => (one.offset < other.offset ? -1 : 1))
}

function consecutive(offset: bigint, size: bigint, count: number): SegmentLease[] {
  return Array.from({ length: count }, (_, i) => ({
    offset: offset + BigInt(i) * size,
    maxId: offset + BigInt(i + 1) * size,
  }))
}
