import { describe, expect, test } from '@jest/globals'
import { settled } from '../../../test/support/manual-clock.ts'
import { SnowflakeRig } from '../../../test/support/snowflake-rig.ts'
import { PRESET_LAYOUTS, SnowflakeLayout } from '../entity/snowflake-layout.ts'

/** How far the clocks of two hosts may be apart: each 2 s off the database's. */
const SKEWS_MS = 4_000

const LIFE_MS = 30_000

/** The last tick that is reserved by whoever asks at this moment. */
function reservedFrom({ layout, clock }: SnowflakeRig): number {
  return layout.tickAt(clock.nowMs() + LIFE_MS)
}

describe('a worker id', () => {
  test.each(PRESET_LAYOUTS)('of %s is claimed at once', async (layout) => {
    const rig = new SnowflakeRig({ layout })
    const { held, leftMs, lastError } = rig.lease
    expect([held, leftMs, lastError]).toEqual([undefined, 0, undefined])
    await settled()
    expect(rig.grantAt()).toMatchObject({ worker: 0, floor: 1 })
    expect(rig.lease.held).toEqual({
      worker: 0,
      epoch: 1n,
      reservedUntilMs: rig.layout.startOf(reservedFrom(rig) + 1),
    })
    expect(rig.lease.leftMs).toBe(LIFE_MS)
    expect(rig.row(0)).toMatchObject({ epoch: 1n, reserved: reservedFrom(rig) })
    expect(rig.observer.events).toEqual(['held 0 under 1', 'recovered'])
    expect(rig.workers.calls).toBe(2)
  })

  test('is waited for while it is being claimed', async () => {
    const rig = new SnowflakeRig()
    expect(rig.grantAt()).toBeUndefined()
    await settled()
    expect(rig.grantAt()).toMatchObject({ worker: 0 })
    expect(rig.workers.claims.calls).toBe(1)
  })

  test('is another one for each process', async () => {
    const one = await SnowflakeRig.holding()
    const others = [await one.another(), await one.another()]
    expect([one, ...others].map(({ lease }) => lease.held?.worker)).toEqual([0, 1, 2])
  })

  test('is renewed each time that a third of its life has passed, and stays the same grant', async () => {
    const rig = await SnowflakeRig.holding()
    const grant = rig.grantAt()
    for (let renewals = 1; renewals <= 10; renewals++) {
      await rig.clock.advance(9_999)
      expect(rig.workers.renewals.calls).toBe(renewals - 1)
      await rig.clock.advance(1)
      expect(rig.workers.renewals.calls).toBe(renewals)
      expect(rig.row(0)).toMatchObject({ epoch: 1n, reserved: reservedFrom(rig) })
      expect(rig.lease.leftMs).toBe(LIFE_MS)
      expect(rig.grantAt(reservedFrom(rig))).toBe(grant)
    }
    expect(rig.workers.claims.calls).toBe(1)
    expect(rig.clock.pending).toBe(1)
    // A pool may have thousands of rows, of which a renewal needs none but its own.
    expect(rig.workers.surveyed).toEqual([undefined, ...Array.from({ length: 10 }, () => 0)])
  })

  test('may be used up to the reservation that the store has acknowledged, and no further', async () => {
    const rig = await SnowflakeRig.holding()
    const acked = reservedFrom(rig)
    const grant = rig.grantAt()
    expect(rig.grantAt(acked)).toBe(grant)
    rig.workers.renewals.state = 'held'
    await rig.clock.advance(10_000)
    expect(rig.row(0)?.reserved).toBe(acked + 10_000)
    expect(rig.grantAt(acked)).toBe(grant)
    expect(rig.grantAt(acked + 1)).toBeUndefined()
    rig.workers.renewals.release()
    await settled()
    expect(rig.grantAt(acked + 10_000)).toBe(grant)
    expect(rig.grantAt(acked + 10_001)).toBeUndefined()
  })

  test.each([
    ['claimed', 'claims', 0, 20_000],
    ['renewed', 'renewals', 10_000, 5_000],
  ] as const)(
    'that is %s lasts from when that was asked for, however late the answer comes',
    async (_, line, sentAfterMs, tripMs) => {
      const rig = new SnowflakeRig()
      rig.workers[line].state = 'held'
      await rig.clock.advance(sentAfterMs)
      const asked = reservedFrom(rig)
      await rig.clock.advance(tripMs)
      rig.workers[line].release()
      await settled()
      expect(rig.lease.leftMs).toBe(LIFE_MS - tripMs)
      expect(rig.grantAt(asked)).toMatchObject({ worker: 0 })
      expect(rig.grantAt(asked + 1)).toBeUndefined()
    },
  )

  test('whose claim is answered after its end is renewed before it is used', async () => {
    const rig = new SnowflakeRig()
    rig.workers.claims.state = 'held'
    await rig.clock.advance(LIFE_MS)
    rig.workers.renewals.state = 'down'
    rig.workers.claims.release()
    await settled()
    expect(rig.grantAt(1)).toBeUndefined()
    rig.workers.renewals.state = 'up'
    await rig.clock.advance(1_000)
    expect(rig.grantAt()).toMatchObject({ worker: 0 })
    expect(rig.row(0)?.epoch).toBe(1n)
  })

  test('that is needed past its reservation is renewed at once', async () => {
    const rig = await SnowflakeRig.holding()
    rig.clock.stepWall(1_500)
    const ahead = reservedFrom(rig)
    expect(rig.grantAt(ahead)).toBeUndefined()
    await settled()
    expect(rig.workers.renewals.calls).toBe(1)
    expect(rig.grantAt(ahead)).toMatchObject({ worker: 0 })
  })

  test('never reserves a tick beyond the last one of its layout', async () => {
    const endsSoon = 'time:42,worker:4,sequence:1,unit:1,epoch:0'
    const { lastMs, tickMax } = SnowflakeLayout.parse(endsSoon)
    const rig = await SnowflakeRig.holding({ layout: endsSoon, startMs: lastMs - 1_000 })
    expect(rig.row(0)?.reserved).toBe(tickMax)
    expect(rig.lease.held?.reservedUntilMs).toBe(lastMs + 1)
  })
})

describe('a tick', () => {
  test('is used only within the grant', async () => {
    const rig = await SnowflakeRig.holding()
    const { lease } = rig
    const grant = lease.grantAt(rig.now)
    if (grant === undefined) throw new Error('Nothing is held.')
    const last = reservedFrom(rig)
    for (const tick of [grant.floor - 1, last + 1, -1, Number.POSITIVE_INFINITY]) {
      expect(() => lease.use(tick, grant)).toThrow(RangeError)
    }
    expect(() => lease.use(rig.now, { ...grant })).toThrow(RangeError)
    expect(lease.startOf(grant)).toBe(1)
    lease.use(grant.floor, grant)
    lease.use(last, grant)
    expect(lease.startOf(grant)).toBe(last + 1)
  })

  test('is used once: whoever begins later begins above the highest used by anybody', async () => {
    const rig = await SnowflakeRig.holding()
    const { lease } = rig
    const grant = lease.grantAt(rig.now)
    if (grant === undefined) throw new Error('Nothing is held.')
    lease.use(rig.now, grant)
    lease.use(rig.now - 100, grant)
    expect(lease.startOf(grant)).toBe(rig.now + 1)
  })
})

describe('a pool', () => {
  test('that nobody has looked at before gives its first id after a life and two skews', async () => {
    const rig = new SnowflakeRig({ isNew: true })
    await settled()
    const floor = rig.layout.tickAt(rig.clock.nowMs() + LIFE_MS + SKEWS_MS / 2) + 1
    expect(rig.grantAt()).toMatchObject({
      code: 'WORKER_LEASE_LOST',
      retryAfterMs: LIFE_MS + SKEWS_MS,
    })
    await rig.clock.advance(LIFE_MS + SKEWS_MS - 1)
    expect(rig.grantAt()).toMatchObject({ code: 'WORKER_LEASE_LOST' })
    expect(rig.workers.claims.calls).toBe(0)
    await rig.clock.advance(1_001)
    expect(rig.grantAt()).toMatchObject({ worker: 0, floor })
  })

  test('of 1024 that is all taken says so, and when the next lease ends', async () => {
    const startMs = Date.UTC(2026, 10, 21)
    const reserved = SnowflakeLayout.parse('twitter').tickAt(startMs + 5_000)
    const taken = (worker: number) => ({
      ...{ owner: `process ${worker} of others`, epoch: 3n, reserved: reserved + worker },
      expiresMs: startMs + 5_000 + worker,
    })
    const rows = new Map(Array.from({ length: 1024 }, (_, worker) => [worker, taken(worker)]))
    const rig = await SnowflakeRig.holding({ startMs, rows })
    expect(rig.grantAt()).toMatchObject({
      code: 'WORKER_POOL_EXHAUSTED',
      retryAfterMs: 5_000,
      metadata: { pool: 'twitter', size: '1024' },
    })
    await rig.clock.advance(6_001)
    expect(rig.grantAt()).toMatchObject({ worker: 0, floor: reserved + 1 })
    expect(rig.lease.lastError).toBeUndefined()
  })

  test('that is all taken has one again as soon as somebody stops cleanly', async () => {
    const first = await SnowflakeRig.holding({ layout: 'js-safe' })
    for (let worker = 1; worker < 8; worker++) await first.another()
    const ninth = await first.another()
    expect(ninth.grantAt()).toMatchObject({
      code: 'WORKER_POOL_EXHAUSTED',
      metadata: { size: '8' },
    })
    await first.clock.advance(60_000)
    expect(ninth.grantAt()).toMatchObject({ code: 'WORKER_POOL_EXHAUSTED' })
    await first.leases.release()
    await first.clock.advance(1_000)
    expect(ninth.grantAt()).toMatchObject({ worker: 0 })
    expect(ninth.lease.held?.epoch).toBe(2n)
  })
})

describe('a worker id that the settings fix', () => {
  test('is claimed and no other', async () => {
    const rig = await SnowflakeRig.holding({ fixedWorker: 700 })
    expect(rig.grantAt()).toMatchObject({ worker: 700 })
  })

  test('is refused while another process lives that holds it, and claimed when that stops', async () => {
    const one = await SnowflakeRig.holding({ fixedWorker: 7 })
    const other = await one.another()
    await one.clock.advance(95_000)
    expect(other.grantAt()).toMatchObject({
      code: 'WORKER_POOL_EXHAUSTED',
      retryAfterMs: expect.any(Number),
      metadata: { pool: 'twitter', worker: '7' },
    })
    expect(other.observer.events).not.toContain('held 7 under 2')
    await one.leases.release()
    await one.clock.advance(1_000)
    expect(other.grantAt()).toMatchObject({ worker: 7 })
  })

  test('is claimed again when the lease of a predecessor that crashed has ended, above its reservation', async () => {
    const one = await SnowflakeRig.holding({ fixedWorker: 7 })
    const reserved = reservedFrom(one)
    one.crash()
    const other = await one.another()
    expect(other.grantAt()).toMatchObject({ code: 'WORKER_POOL_EXHAUSTED', retryAfterMs: LIFE_MS })
    await one.clock.advance(LIFE_MS)
    expect(other.grantAt()).toMatchObject({ code: 'WORKER_POOL_EXHAUSTED' })
    await one.clock.advance(1_001)
    expect(other.grantAt()).toMatchObject({ worker: 7, floor: reserved + 1 })
  })
})
