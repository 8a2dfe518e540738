import { describe, expect, test } from '@jest/globals'
import { shuttingDown } from '../../../pkg/errors/failures.ts'
import { settled } from '../../../test/support/manual-clock.ts'
import { SnowflakeRig } from '../../../test/support/snowflake-rig.ts'
import { TestCaller } from '../../../test/support/test-caller.ts'

const LIFE_MS = 30_000

/** Nothing is asked of the store any more, and nothing is ever used. */
async function expectItIsOver(rig: SnowflakeRig): Promise<void> {
  expect(rig.clock.pending).toBe(0)
  for (const tick of [1, rig.now]) expect(rig.grantAt(tick) ?? {}).not.toHaveProperty('floor')
  expect(rig.lease.held).toBeUndefined()
  const { calls } = rig.workers
  await rig.clock.advance(100_000)
  expect(rig.workers.calls).toBe(calls)
}

describe('a lease that is released', () => {
  test('leaves the highest tick that any tag has used, and its worker id to others', async () => {
    const rig = await SnowflakeRig.holding()
    const other = rig.newGenerator()
    await rig.nextNow()
    await rig.clock.advance(1)
    const last = rig.now
    await other.next(new TestCaller(rig.clock))
    await rig.clock.advance(500)
    for (const generator of [rig.generator, other]) generator.close(shuttingDown(1))
    await rig.leases.release()
    expect(rig.row(0)).toEqual({ owner: undefined, epoch: 1n, reserved: last, expiresMs: 0 })
    await expectItIsOver(rig)
  })

  test('of which nothing was used leaves what its predecessors have used', async () => {
    const rows = new Map([[0, { owner: undefined, epoch: 4n, reserved: 77, expiresMs: 0 }]])
    const rig = await SnowflakeRig.holding({ rows, fixedWorker: 0 })
    expect(rig.grantAt()).toMatchObject({ floor: 78 })
    await rig.leases.release()
    expect(rig.row(0)).toEqual({ owner: undefined, epoch: 5n, reserved: 77, expiresMs: 0 })
  })

  test('can be claimed at once by a successor, which begins above the last tick', async () => {
    const rig = await SnowflakeRig.holding({ fixedWorker: 5 })
    await rig.nextNow()
    const last = rig.now
    await rig.leases.release()
    const successor = await rig.another()
    expect(successor.grantAt()).toMatchObject({ worker: 5, floor: last + 1 })
  })

  test('in a store that is away is left to end by itself, and nobody hears of more than one attempt', async () => {
    const rig = await SnowflakeRig.holding()
    rig.workers.releases.state = 'down'
    await rig.leases.release()
    expect(rig.workers.releases.calls).toBe(1)
    expect(rig.observer.events.at(-1)).toBe('failed STORE_UNAVAILABLE')
    await expectItIsOver(rig)
    const successor = await rig.another({ fixedWorker: 0 })
    expect(successor.lease.held).toMatchObject({ worker: 0, epoch: 2n })
  })

  test('twice asks the store once', async () => {
    const rig = await SnowflakeRig.holding()
    await Promise.all([rig.leases.release(), rig.leases.release()])
    expect(rig.workers.releases.calls).toBe(1)
  })

  test('that never held anything asks the store nothing', async () => {
    const rig = await SnowflakeRig.holding({ isNew: true })
    await rig.leases.release()
    expect(rig.workers.releases.calls).toBe(0)
    await expectItIsOver(rig)
  })

  test('after its end still gives back what nobody has claimed since', async () => {
    const rig = await SnowflakeRig.holding()
    await rig.nextNow()
    const last = rig.now
    rig.crash()
    await rig.clock.advance(2 * LIFE_MS)
    rig.workers.state = 'up'
    await rig.leases.release()
    expect(rig.row(0)).toMatchObject({ owner: undefined, reserved: last })
  })

  test('after somebody else has claimed its worker id changes nothing', async () => {
    const rig = await SnowflakeRig.holding({ fixedWorker: 1 })
    rig.crash()
    await rig.clock.advance(LIFE_MS + 1)
    const other = await rig.another()
    const row = rig.row(1)
    rig.workers.state = 'up'
    await rig.leases.release()
    expect(rig.row(1)).toEqual(row)
    expect(other.grantAt()).toMatchObject({ worker: 1 })
  })
})

describe('a release that comes while', () => {
  test('a survey is under way: nothing is claimed after it', async () => {
    const rig = new SnowflakeRig()
    rig.workers.surveys.state = 'held'
    await settled()
    await rig.leases.release()
    rig.workers.surveys.release()
    await settled()
    expect(rig.workers.calls).toBe(1)
    await expectItIsOver(rig)
  })

  test.each([
    ['is on its way', 'held'],
    ['was lost', 'reply lost'],
  ] as const)('the reply to a claim %s: the worker id is given back', async (_, state) => {
    const rig = new SnowflakeRig()
    rig.workers.claims.state = state
    await settled()
    expect(rig.row(0)?.owner).toBeDefined()
    await rig.leases.release()
    rig.workers.claims.release()
    await settled()
    expect(rig.row(0)).toEqual({ owner: undefined, epoch: 1n, reserved: 0, expiresMs: 0 })
    expect(rig.observer.events).not.toContain('held 0 under 1')
    await expectItIsOver(rig)
  })

  test('a renewal is under way: it is given back, and the reply brings nothing to life', async () => {
    const rig = await SnowflakeRig.holding()
    await rig.nextNow()
    const last = rig.now
    rig.workers.renewals.state = 'held'
    await rig.clock.advance(10_000)
    await rig.leases.release()
    const { calls } = rig.workers
    rig.workers.renewals.release()
    await settled()
    expect(rig.workers.calls).toBe(calls)
    expect(rig.row(0)).toEqual({ owner: undefined, epoch: 1n, reserved: last, expiresMs: 0 })
    await expectItIsOver(rig)
  })

  test('a lost claim is about to be proved: it is given back, and nothing more is asked', async () => {
    const rig = new SnowflakeRig()
    rig.workers.claims.state = 'reply lost'
    await settled()
    rig.workers.surveys.state = 'held'
    await rig.clock.advance(1_000)
    await rig.leases.release()
    rig.workers.surveys.release()
    await settled()
    expect(rig.row(0)).toMatchObject({ owner: undefined, reserved: 0 })
    expect(rig.workers.renewals.calls).toBe(0)
    await expectItIsOver(rig)
  })

  test('a renewal has failed: there is no further attempt', async () => {
    const rig = await SnowflakeRig.holding()
    rig.workers.renewals.state = 'down'
    await rig.clock.advance(10_001)
    await rig.leases.release()
    expect(rig.row(0)?.owner).toBeUndefined()
    await expectItIsOver(rig)
  })

  test('somebody else was faster: there is no further attempt', async () => {
    const rig = new SnowflakeRig()
    const rows = rig.tables.rows.get('twitter')?.rows
    rig.workers.claims.before = () => {
      rows?.set(0, { owner: 'the faster', epoch: 1n, reserved: 9, expiresMs: 8e15 })
    }
    await settled()
    await rig.leases.release()
    await expectItIsOver(rig)
  })
})
