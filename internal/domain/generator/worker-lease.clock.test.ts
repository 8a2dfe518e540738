import { describe, expect, test } from '@jest/globals'
import { ManualClock, settled } from '../../../test/support/manual-clock.ts'
import { SnowflakeRig } from '../../../test/support/snowflake-rig.ts'

const LIFE_MS = 30_000
const SKEW_MS = 2_000

describe('a host whose clock is off the database’s', () => {
  test.each([
    [2_000, 0, true],
    [2_001, 0, false],
    [-2_000, 0, true],
    [-2_001, 0, false],
    // What the database says may be as old as the reply was on its way: the worst of it counts.
    [2_000, 1_000, true],
    [2_001, 1_000, false],
    [-1_000, 1_000, true],
    [-1_001, 1_000, false],
    [0, 5_000, false],
    [3_600_000, 50, false],
    [-3_600_000, 50, false],
  ])(
    'which is ahead by %s ms, as it says in %s ms: gets a worker id: %s',
    async (databaseAheadMs, tripMs, isHeld) => {
      const rig = new SnowflakeRig({ databaseAheadMs })
      rig.workers.surveys.state = 'held'
      await rig.clock.advance(tripMs)
      rig.workers.surveys.release()
      await settled()
      expect(rig.lease.held !== undefined).toBe(isHeld)
      const refusal = { code: 'WORKER_LEASE_LOST', retryAfterMs: 500 }
      expect(rig.grantAt()).toMatchObject(isHeld ? { worker: 0 } : refusal)
    },
  )

  test('has its clock named', async () => {
    const rig = await SnowflakeRig.holding({ databaseAheadMs: -5_000 })
    expect(rig.lease.lastError?.message).toContain('5000 ms ahead of the database')
  })

  test('reserves nothing more, uses what it has, and goes on by itself when the clock is right', async () => {
    const rig = await SnowflakeRig.holding()
    const grant = rig.grantAt()
    const row = rig.row(0)
    rig.clock.stepWall(10_000)
    await rig.clock.advance(19_999)
    expect(rig.row(0)).toEqual(row)
    expect(rig.grantAt()).toBe(grant)
    await rig.clock.advance(10_001)
    expect(rig.grantAt()).toMatchObject({ code: 'WORKER_LEASE_LOST' })
    rig.clock.stepWall(-10_000)
    await rig.clock.advance(1_000)
    expect(rig.grantAt()).toBe(grant)
  })
})

/** A clock that steps between two readings. */
class TrappedClock extends ManualClock {
  /** How often it is read before it steps. */
  #readings = Number.POSITIVE_INFINITY
  #stepMs = 0

  /** Steps by `ms` as soon as it was read so often. */
  trap(readings: number, ms: number): void {
    this.#readings = readings
    this.#stepMs = ms
  }

  override nowMs(): number {
    const nowMs = super.nowMs()
    this.#readings -= 1
    if (this.#readings === 0) this.stepWall(this.#stepMs)
    return nowMs
  }
}

describe.each([1, 2])('a clock that steps an hour ahead after reading %d', (readings) => {
  const HOUR_MS = 3_600_000

  /** The highest tick that may be reserved while the store's clock says what it says now. */
  const highest = ({ layout, tables }: SnowflakeRig) =>
    layout.tickAt(tables.nowMs() + SKEW_MS + LIFE_MS)

  test('in the middle of a claim burns no worker id', async () => {
    const clock = new TrappedClock()
    const rig = new SnowflakeRig({ clock })
    clock.trap(readings, HOUR_MS)
    await settled()
    expect(rig.row(0)?.reserved).toBeLessThanOrEqual(highest(rig))
    clock.stepWall(-HOUR_MS)
    expect(rig.grantAt()).toMatchObject({ worker: 0, floor: 1 })
  })

  test('in the middle of a renewal burns none either', async () => {
    const clock = new TrappedClock()
    const rig = await SnowflakeRig.holding({ clock })
    clock.trap(readings, HOUR_MS)
    await clock.advance(LIFE_MS / 3)
    expect(rig.workers.renewals.calls).toBe(1)
    expect(rig.row(0)?.reserved).toBeLessThanOrEqual(highest(rig))
  })
})
