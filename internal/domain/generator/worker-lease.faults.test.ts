import { describe, expect, test } from '@jest/globals'
import { settled } from '../../../test/support/manual-clock.ts'
import { SnowflakeRig } from '../../../test/support/snowflake-rig.ts'

/** How far the clocks of two hosts may be apart: each 2 s off the database's. */
const SKEWS_MS = 4_000

const LIFE_MS = 30_000

/** Seven of the eight worker ids of js-safe, held by others for ever. */
const ALL_BUT_ONE = new Map(
  Array.from({ length: 7 }, (_, index) => [
    index + 1,
    { owner: 'somebody', epoch: 1n, reserved: 1, expiresMs: 8e15 },
  ]),
)

describe('a store that is away when the process starts', () => {
  test('is waited for, with ever longer pauses between the attempts', async () => {
    const rig = new SnowflakeRig()
    rig.crash()
    await rig.clock.advance(600_000)
    expect(rig.grantAt()).toBeUndefined()
    expect(rig.lease.lastError?.code).toBe('STORE_UNAVAILABLE')
    expect(rig.workers.calls).toBeLessThan(1_250)
    rig.workers.state = 'up'
    await rig.clock.advance(1_000)
    expect(rig.grantAt()).toMatchObject({ worker: 0 })
    expect(rig.lease.lastError).toBeUndefined()
  })
})

describe('a store that goes away while a worker id is held', () => {
  test('leaves it in force up to its end, and not a moment longer; then callers are told at once', async () => {
    const rig = await SnowflakeRig.holding()
    const grant = rig.grantAt()
    rig.crash()
    await rig.clock.advance(LIFE_MS - 1)
    expect(rig.grantAt()).toBe(grant)
    expect([rig.lease.leftMs, rig.lease.lastError?.code]).toEqual([1, 'STORE_UNAVAILABLE'])
    await rig.clock.advance(1)
    expect(rig.grantAt()).toMatchObject({ code: 'WORKER_LEASE_LOST', retryAfterMs: 500 })
    expect([rig.lease.held, rig.lease.leftMs]).toEqual([undefined, 0])
    expect(rig.lease.lastError?.code).toBe('STORE_UNAVAILABLE')
  })

  test('is asked about twice a second, however often callers ask', async () => {
    const rig = await SnowflakeRig.holding()
    rig.crash()
    const before = rig.workers.calls
    for (let second = 0; second < 600; second++) {
      await rig.clock.advance(1_000)
      for (let caller = 0; caller < 10; caller++) rig.grantAt()
    }
    expect(rig.workers.calls - before).toBeLessThan(1_250)
    expect(rig.clock.pending).toBe(1)
  })

  test('finds the same worker id renewed when it is back, with the same grant', async () => {
    const rig = await SnowflakeRig.holding()
    const grant = rig.grantAt()
    rig.crash()
    await rig.clock.advance(600_000)
    rig.workers.state = 'up'
    await rig.clock.advance(1_000)
    expect(rig.grantAt()).toBe(grant)
    expect(rig.row(0)).toMatchObject({ epoch: 1n })
    expect(rig.observer.events.filter((event) => event.startsWith('held'))).toHaveLength(1)
    expect(rig.observer.events.at(-1)).toBe('recovered')
  })

  test('finds another one claimed when it is back, if somebody took that, above all it has used', async () => {
    const rig = await SnowflakeRig.holding({ layout: 'js-safe', rows: ALL_BUT_ONE })
    const grant = rig.lease.grantAt(rig.now)
    if (grant === undefined) throw new Error('Nothing is held.')
    rig.crash()
    await rig.clock.advance(20_000)
    rig.lease.use(rig.now, grant)
    const used = rig.now
    const reserved = rig.row(0)?.reserved ?? 0
    await rig.clock.advance(10_001)
    const other = await rig.another()
    expect(other.grantAt()).toMatchObject({ worker: 0, floor: reserved + 1 })
    expect(other.lease.held?.epoch).toBe(2n)

    rig.workers.state = 'up'
    await rig.clock.advance(1_000)
    expect(rig.grantAt()).toMatchObject({ code: 'WORKER_POOL_EXHAUSTED' })
    rig.tables.rows.get('js-safe')?.rows.delete(5)
    await rig.clock.advance(1_000)
    expect(rig.grantAt()).toMatchObject({ worker: 5, floor: used + 1 })
    expect(() => rig.lease.use(used + 1, grant)).toThrow(RangeError)
  })
})

describe('a process that is stopped across the end of its lease', () => {
  test('uses nothing when it goes on, before it has asked the store', async () => {
    const rig = await SnowflakeRig.holding()
    const grant = rig.grantAt()
    rig.clock.pause(LIFE_MS)
    expect(rig.grantAt()).toBeUndefined()
    await settled()
    expect(rig.grantAt()).toBe(grant)
  })

  test('is not told of a fault that was over before', async () => {
    const rig = await SnowflakeRig.holding()
    rig.crash()
    await rig.clock.advance(15_000)
    rig.workers.state = 'up'
    await rig.clock.advance(1_000)
    rig.clock.pause(LIFE_MS)
    expect(rig.grantAt()).toBeUndefined()
    expect(rig.lease.lastError).toBeUndefined()
  })

  test('gets another worker id if somebody took its own, and asks the store before', async () => {
    const rig = await SnowflakeRig.holding({ layout: 'js-safe', rows: ALL_BUT_ONE })
    const reserved = rig.row(0)?.reserved ?? 0
    rig.clock.pause(LIFE_MS + 1)
    const other = await rig.another()
    expect(other.grantAt()).toMatchObject({ worker: 0, floor: reserved + 1 })
    rig.tables.rows.get('js-safe')?.rows.delete(2)
    expect(rig.grantAt()).toBeUndefined()
    await rig.clock.advance(50)
    expect(rig.grantAt()).toMatchObject({ worker: 2 })
  })

  test('is held by its reservation though its monotonic clock stood still meanwhile', async () => {
    const rig = await SnowflakeRig.holding()
    const reserved = rig.row(0)?.reserved ?? 0
    rig.clock.stepWall(LIFE_MS + 1)
    expect(rig.now).toBeGreaterThan(reserved)
    expect(rig.grantAt()).toBeUndefined()
  })
})

describe('a reply that is lost', () => {
  test('of a claim: a renewal proves that it succeeded, and no second worker id is claimed', async () => {
    const rig = new SnowflakeRig()
    rig.workers.claims.state = 'reply lost'
    await settled()
    expect(rig.grantAt()).toBeUndefined()
    expect(rig.lease.held).toBeUndefined()
    await rig.clock.advance(1_000)
    expect(rig.grantAt()).toMatchObject({ worker: 0, floor: 1 })
    expect([rig.workers.claims.calls, rig.workers.renewals.calls]).toEqual([1, 1])
    expect(rig.row(0)).toMatchObject({ epoch: 1n, reserved: rig.lease.layout.tickAt(endOf(rig)) })
  })

  test('of a claim that did not happen: it is made again', async () => {
    const rig = new SnowflakeRig()
    rig.workers.claims.state = 'down'
    await settled()
    rig.workers.claims.state = 'up'
    await rig.clock.advance(1_000)
    expect(rig.grantAt()).toMatchObject({ worker: 0, floor: 1 })
    expect(rig.row(0)?.epoch).toBe(1n)
  })

  test('of a claim that somebody else has overtaken since: it is worth nothing', async () => {
    const rig = new SnowflakeRig({ fixedWorker: 3 })
    rig.workers.claims.state = 'reply lost'
    await settled()
    rig.crash()
    const reserved = rig.row(3)?.reserved ?? 0
    await rig.clock.advance(LIFE_MS + 1)
    const other = await rig.another()
    expect(other.grantAt()).toMatchObject({ worker: 3, floor: reserved + 1 })
    rig.workers.state = 'up'
    await rig.clock.advance(1_000)
    expect(rig.grantAt()).toMatchObject({ code: 'WORKER_POOL_EXHAUSTED' })
    expect(rig.lease.held).toBeUndefined()
  })

  test('of a renewal: what it reserved is not used before the next one is acknowledged', async () => {
    const rig = await SnowflakeRig.holding()
    const acked = rig.row(0)?.reserved ?? 0
    rig.workers.renewals.state = 'reply lost'
    await rig.clock.advance(15_000)
    expect(rig.row(0)?.reserved).toBeGreaterThan(acked)
    expect(rig.grantAt(acked)).toMatchObject({ worker: 0 })
    expect(rig.grantAt(acked + 1)).toMatchObject({ code: 'WORKER_LEASE_LOST' })
    expect(rig.lease.leftMs).toBe(15_000)
    rig.workers.renewals.state = 'up'
    await rig.clock.advance(1_000)
    expect(rig.grantAt(acked + 15_000)).toMatchObject({ worker: 0 })
  })
})

/** When a lease ends that was last renewed at its present reach. */
function endOf(rig: SnowflakeRig): number {
  return rig.clock.nowMs() + rig.lease.leftMs
}

describe('another process', () => {
  test('that is faster by a moment gets the worker id; the next one is tried after a pause', async () => {
    const rig = new SnowflakeRig()
    const rows = rig.tables.rows.get('twitter')?.rows
    const expiresMs = rig.clock.nowMs() + LIFE_MS
    rig.workers.claims.before = () => {
      if (rig.workers.claims.calls > 3) return
      const worker = rig.workers.claims.calls - 1
      rows?.set(worker, { owner: 'the faster', epoch: 1n, reserved: 9, expiresMs })
    }
    await settled()
    expect(rig.grantAt()).toBeUndefined()
    expect(rig.lease.lastError).toBeUndefined()
    expect(rig.workers.claims.calls).toBe(1)
    await rig.clock.advance(175)
    expect(rig.workers.claims.calls).toBe(4)
    expect(rig.lease.held).toMatchObject({ worker: 3, epoch: 1n })
    expect(rig.observer.events).toEqual(['held 3 under 1', 'recovered'])
  })

  test('that reached the same end of a lease first leaves nothing of it', async () => {
    const rig = await SnowflakeRig.holding({ layout: 'js-safe', rows: ALL_BUT_ONE })
    const [one, other] = [await rig.another(), await rig.another()]
    rig.crash()
    await rig.clock.advance(120_000)
    const held = [one, other].filter(({ lease }) => lease.held !== undefined)
    expect(held).toHaveLength(1)
    expect(held[0]?.lease.held).toMatchObject({ worker: 0, epoch: 2n })
  })
})

describe('a store that has lost something', () => {
  test('a reservation: the worker id is not used any more', async () => {
    const rig = await SnowflakeRig.holding()
    const row = rig.row(0)
    if (row === undefined) throw new Error('Nothing is held.')
    rig.tables.rows.get('twitter')?.rows.set(0, { ...row, reserved: row.reserved - 1 })
    await rig.clock.advance(10_050)
    expect(rig.grantAt()).toMatchObject({ worker: 1 })
  })

  test('all of its rows: nothing is used for a life and two skews, and then nothing again', async () => {
    const rig = await SnowflakeRig.holding()
    const grant = rig.lease.grantAt(rig.now)
    if (grant === undefined) throw new Error('Nothing is held.')
    const used = rig.now + 15_000
    rig.lease.use(used, grant)
    rig.tables.rows.clear()
    await rig.clock.advance(10_050)
    expect(rig.grantAt()).toMatchObject({ code: 'WORKER_LEASE_LOST' })
    await rig.clock.advance(LIFE_MS + SKEWS_MS - 1)
    expect(rig.grantAt()).toMatchObject({ code: 'WORKER_LEASE_LOST' })
    await rig.clock.advance(1_001)
    const next = rig.lease.grantAt(rig.now)
    expect(next?.worker).toBe(0)
    expect(next?.floor).toBeGreaterThan(used)
  })

  test('all of its rows: others begin above what its holders had reserved, at the furthest', async () => {
    const rig = await SnowflakeRig.holding({ databaseAheadMs: -SKEWS_MS / 2 })
    const reserved = rig.row(0)?.reserved ?? 0
    rig.tables.rows.clear()
    rig.crash()
    const other = await rig.another()
    await rig.clock.advance(LIFE_MS + SKEWS_MS + 1_001)
    expect(other.grantAt()).toMatchObject({ worker: 0, floor: reserved + 1 })
  })
})
