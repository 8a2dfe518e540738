import { describe, expect, test } from '@jest/globals'
import { ClientRig, TAG } from '../../test/support/client-rig.ts'
import { settled } from '../../test/support/manual-clock.ts'
import { Answer } from '../../test/support/test-caller.ts'
import { clientClosed, storeUnavailable, tagFrozen } from '../errors/failures.ts'
import { GolovesError } from '../errors/goloves-error.ts'
import { HeldIds } from './held-ids.ts'

/** The ids of one tag, held ahead from one scripted instance that counts up, unless told. */
class HeldRig extends ClientRig {
  readonly held: HeldIds
  #last = 0n

  constructor(heldMax = 100_000) {
    super()
    const { service, clock } = this
    this.held = new HeldIds({ tag: TAG, service, heldMax, clock, random: () => 0.5 })
  }

  /** From now on each question is answered at once. */
  countUp(): void {
    this.transport(0).always = (attempt) => {
      attempt.succeed(this.#last + 1n)
      this.#last += BigInt(attempt.count)
    }
  }

  next(): Answer<bigint> {
    return new Answer(() => this.held.next())
  }

  /** Takes so many ids that are there. */
  take(count: number): void {
    for (let taken = 0; taken < count; taken++) {
      if (this.held.nextNow() === undefined) throw new Error(`Only ${taken} were there.`)
    }
  }

  async filled(): Promise<this> {
    this.countUp()
    this.next()
    await settled()
    return this
  }

  /** The one lease in flight. */
  get lease() {
    const { open } = this.transport(0)
    if (open[0] === undefined || open.length > 1) throw new Error(`There are ${open.length}.`)
    return open[0]
  }

  /** How many ids each lease asked for. */
  get leases(): number[] {
    return this.asked[0] ?? []
  }
}

describe('ids in memory', () => {
  test('are leased when the first one is asked for, and leave without further calls', async () => {
    const rig = await new HeldRig().filled()
    expect(rig.leases).toEqual([100])
    expect(rig.held.next()).toBe(2n)
    expect(rig.held.nextNow()).toBe(3n)
    expect(rig.leases).toEqual([100])
  })

  test('are filled up when half of them have left, behind those that are there', async () => {
    const rig = await new HeldRig().filled()
    rig.take(48)
    await settled()
    expect(rig.leases).toEqual([100])
    rig.take(1)
    await settled()
    expect(rig.leases).toEqual([100, 50])
    expect(rig.held.next()).toBe(51n)
  })

  test('become more with the rate, at most eight times as many at once', async () => {
    const rig = await new HeldRig().filled()
    for (let round = 0; round < 12; round++) {
      while (rig.held.nextNow() !== undefined);
      await settled()
    }
    const { leases } = rig
    for (const [index, lease] of leases.slice(1).entries()) {
      expect(lease).toBeLessThanOrEqual(8 * (leases[index] ?? 0))
    }
    expect(Math.max(...leases)).toBeGreaterThan(10_000)
    expect(Math.max(...leases)).toBeLessThanOrEqual(100_000)
  })

  test.each([1, 2, 7])('are never more than %s, where that is the limit', async (heldMax) => {
    const rig = await new HeldRig(heldMax).filled()
    for (let round = 0; round < 20; round++) {
      const before = rig.leases.length
      let taken = 0
      while (rig.held.nextNow() !== undefined) taken++
      expect(taken).toBeLessThanOrEqual(heldMax)
      await settled()
      expect(rig.leases.length).toBeGreaterThan(before)
    }
    expect(Math.max(...rig.leases)).toBe(heldMax)
  })

  test('come in any order of ranges, and with any step', async () => {
    const rig = new HeldRig(4)
    const ids = Array.from({ length: 4 }, () => rig.next())
    await settled()
    rig.lease.give([
      { first: 65_543n, last: 65_543n + 65_536n, step: 65_536n },
      { first: 9n, last: 10n, step: 1n },
    ])
    await settled()
    expect(ids.map(({ is }) => is)).toEqual([65_543n, 131_079n, 9n, 10n])
  })
})

describe('callers that find none', () => {
  test('wait for the one lease in flight, and for another one if it is not enough', async () => {
    const rig = new HeldRig()
    const ids = Array.from({ length: 250 }, () => rig.next())
    await settled()
    expect(rig.leases).toEqual([100])
    rig.lease.succeed(1n)
    await settled()
    expect(rig.leases).toEqual([100, 150 + 400])
    rig.lease.succeed(1001n)
    await settled()
    expect([ids[0]?.is, ids[99]?.is, ids[100]?.is, ids[249]?.is]).toEqual([1n, 100n, 1001n, 1150n])
    expect(rig.held.nextNow()).toBe(1151n)
    expect(rig.clock.pending).toBe(0)
  })

  test('wait until their own deadline, and are told what went wrong', async () => {
    const rig = new HeldRig()
    const early = rig.next()
    await rig.clock.advance(400)
    const late = rig.next()
    await rig.clock.advance(600)
    expect([early.is, late.is]).toEqual(['DEADLINE_EXCEEDED', 'waits'])
    rig.transport(0).always = (attempt) => attempt.fail(storeUnavailable(100))
    await rig.clock.advance(400)
    expect(late.is).toBe('STORE_UNAVAILABLE')
  })

  test('are served once the service is back, however long it was away', async () => {
    const rig = new HeldRig()
    rig.transport(0).always = (attempt) => attempt.fail(new Error('connect ECONNREFUSED'))
    rig.next()
    await rig.clock.advance(60_000)
    rig.countUp()
    const id = rig.next()
    await rig.clock.advance(999)
    expect(id.is).toBe(1n)
  })
})

describe('a refusal', () => {
  test('is told to those who wait', async () => {
    const rig = new HeldRig()
    const ids = [rig.next(), rig.next()]
    await settled()
    rig.lease.fail(tagFrozen(TAG))
    await settled()
    expect(ids.map(({ is }) => is)).toEqual(['TAG_FROZEN', 'TAG_FROZEN'])
    expect(rig.clock.pending).toBe(0)
  })

  test('is not asked for again by who does not wait, for a second', async () => {
    const rig = new HeldRig()
    rig.transport(0).always = (attempt) => attempt.fail(tagFrozen(TAG))
    for (let ms = 0; ms < 3000; ms++) {
      expect(rig.held.nextNow()).toBeUndefined()
      await rig.clock.advance(1)
    }
    expect(rig.leases).toHaveLength(3)
    rig.next()
    await settled()
    expect(rig.leases).toHaveLength(4)
  })

  test.each([
    ['TAG_FROZEN', undefined],
    ['TAG_NOT_FOUND', undefined],
    ['STORE_WENT_BACKWARDS', undefined],
    ['OVERLOADED', 52n],
    ['TAG_EXHAUSTED', 52n],
  ] as const)('with %s leaves %s as the next id', async (code, next) => {
    const rig = await new HeldRig().filled()
    rig.transport(0).always = (attempt) => attempt.fail(new GolovesError(code, 'No.'))
    rig.take(50)
    await settled()
    expect(rig.held.nextNow()).toBe(next)
  })

  test('with a range that is held already is for those whom nothing else serves', async () => {
    const rig = await new HeldRig().filled()
    rig.transport(0).always = undefined
    rig.take(49)
    await settled()
    rig.lease.give([
      { first: 90n, last: 95n, step: 1n },
      { first: 201n, last: 244n, step: 1n },
    ])
    await settled()
    rig.take(50)
    expect(rig.held.nextNow()).toBe(201n)
    rig.take(43)
    const id = rig.next()
    await settled()
    expect(rig.held.nextNow()).toBeUndefined()
    rig.lease.succeed(1000n)
    await settled()
    expect(id.is).toBe(1000n)
  })
})

test('after a failed lease the next one asks for little', async () => {
  const rig = await new HeldRig().filled()
  for (let round = 0; round < 5; round++) {
    while (rig.held.nextNow() !== undefined);
    await settled()
  }
  rig.transport(0).always = (attempt) => attempt.fail(storeUnavailable(5000))
  while (rig.held.nextNow() !== undefined);
  await settled()
  expect(rig.leases.at(-1)).toBeGreaterThan(800)
  const failed = rig.leases.length
  rig.countUp()
  await rig.clock.advance(1000)
  expect(rig.leases.slice(failed, failed + 2)).toEqual([100, 800])
})

describe('once closed', () => {
  test('it tells how many it held, and hands out no more', async () => {
    const rig = await new HeldRig().filled()
    rig.take(9)
    expect(rig.held.close(clientClosed())).toBe(90)
    expect(rig.held.close(clientClosed())).toBe(0)
    expect(() => rig.held.nextNow()).toThrow(GolovesError)
    const id = rig.next()
    await settled()
    expect(id.is).toBe('SHUTTING_DOWN')
    expect(rig.held.take(1)).toBeUndefined()
  })

  test('what was on its way is dropped, and who waits is told', async () => {
    const rig = new HeldRig()
    const id = rig.next()
    await settled()
    const { lease } = rig
    rig.held.close(clientClosed())
    lease.succeed(1n)
    await settled()
    expect(id.is).toBe('SHUTTING_DOWN')
    expect(() => rig.held.nextNow()).toThrow(GolovesError)
    expect(rig.held.take(1)).toBeUndefined()
    expect(rig.leases).toHaveLength(1)
    rig.service.close()
    expect(rig.clock.pending).toBe(0)
  })
})
