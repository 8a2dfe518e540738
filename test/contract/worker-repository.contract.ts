import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { WorkerHolder } from '../../internal/domain/generator/worker-repository.ts'
import { eventually } from '../support/eventually.ts'
import {
  claimFree,
  expire,
  freeOf,
  holderOf,
  LIFE_MS,
  newOwner,
  newPool,
  reach,
} from '../support/worker-claim.ts'
import type { OpenWorkerRig, WorkerRig } from '../support/worker-rig.ts'
import { claims, expectNear } from './worker-claims.contract.ts'
import { surveys } from './worker-surveys.contract.ts'

/** What every `WorkerRepository` promises. */
export function workerRepositoryContract(name: string, open: OpenWorkerRig): void {
  describe(`worker repository: ${name}`, () => {
    let rig: WorkerRig
    beforeAll(async () => {
      rig = await open()
    })
    afterAll(() => rig.close())

    surveys(() => rig)
    claims(() => rig)
    renewals(() => rig)
    releases(() => rig)
    emptiedTables(open)
  })
}

function renewals(rig: () => WorkerRig): void {
  test('a renewal extends the lease and raises the reservation', async () => {
    const holder = await claimFree(rig().workers[0], newPool(), reach(100))
    const before = await rowOf(rig(), holder)
    const begunMs = Date.now()
    expect(await rig().workers[1].renew(holder, 100, reach(200, 2 * LIFE_MS))).toBe(true)
    const after = await rowOf(rig(), holder)
    expect(after).toEqual({ ...before, reserved: 200, expiresMs: expect.any(Number) })
    expectNear(after.expiresMs, begunMs + 2 * LIFE_MS)
  })

  test('a renewal that reserves less than there is extends the lease and lowers nothing', async () => {
    const holder = await claimFree(rig().workers[0], newPool(), reach(100))
    expect(await rig().workers[0].renew(holder, 100, reach(50))).toBe(true)
    expect(await rowOf(rig(), holder)).toMatchObject({ reserved: 100 })
  })

  test('a renewal that says nothing new is one all the same, over and over', async () => {
    const holder = await claimFree(rig().workers[0], newPool(), reach(100))
    for (let turn = 0; turn < 20; turn += 1) {
      expect(await rig().workers[0].renew(holder, 100, reach(100))).toBe(true)
    }
  })

  test('a lease that has ended is renewed if nobody has claimed it since', async () => {
    const pool = newPool(1)
    const holder = await claimFree(rig().workers[0], pool)
    await expire(rig(), holder)
    expect(await rig().workers[0].renew(holder, 100, reach(200))).toBe(true)
    expect((await rig().workers[1].survey(pool)).free).toBeUndefined()
  })

  test('a lease that has ended and was claimed since is not renewed', async () => {
    const pool = newPool(1)
    const old = await claimFree(rig().workers[0], pool, reach(100))
    await expire(rig(), old)
    const next = await claimFree(rig().workers[1], pool, reach(200))
    const before = await rowOf(rig(), next)
    expect(await rig().workers[0].renew(old, 100, reach(300))).toBe(false)
    expect(await rowOf(rig(), next)).toEqual(before)
    expect(before).toMatchObject({ owner: next.owner, epoch: old.epoch + 1n, reserved: 200 })
  })

  test('neither another owner nor another epoch renews', async () => {
    const holder = await claimFree(rig().workers[0], newPool())
    const before = await rowOf(rig(), holder)
    for (const other of [
      { ...holder, owner: newOwner() },
      { ...holder, owner: holder.owner.toUpperCase() },
      { ...holder, epoch: holder.epoch + 1n },
      { ...holder, epoch: holder.epoch - 1n },
      { ...holder, worker: holder.worker + 1 },
      { ...holder, pool: holder.pool.toUpperCase() },
    ]) {
      expect(await rig().workers[0].renew(other, 0, reach(500))).toBe(false)
    }
    expect(await rowOf(rig(), holder)).toEqual(before)
  })

  test('a store that has lost a reservation renews nothing on it', async () => {
    const holder = await claimFree(rig().workers[0], newPool(), reach(100))
    expect(await rig().workers[0].renew(holder, 101, reach(200))).toBe(false)
    expect(await rowOf(rig(), holder)).toMatchObject({ reserved: 100 })
    expect(await rig().workers[0].renew(holder, 99, reach(200))).toBe(true)
  })
}

function releases(rig: () => WorkerRig): void {
  test('a release lowers the reservation to the last tick and keeps the row', async () => {
    const pool = newPool(1)
    const holder = await claimFree(rig().workers[0], pool, reach(100))
    await rig().workers[0].release(holder, 40)
    const released = { owner: undefined, epoch: 1n, reserved: 40, expiresMs: 0 }
    expect(await rowOf(rig(), holder)).toEqual(released)
    const survey = await rig().workers[1].survey(pool)
    expect(survey.free).toMatchObject({ worker: 0, epoch: 1n, reserved: 40 })
    expect(survey.nextEndMs).toBeUndefined()
  })

  test('a release never raises the reservation: the store that has a lower one has lost it', async () => {
    const holder = await claimFree(rig().workers[0], newPool(), reach(100))
    const before = await rowOf(rig(), holder)
    await rig().workers[0].release(holder, 101)
    expect(await rowOf(rig(), holder)).toEqual(before)
    await rig().workers[0].release(holder, 100)
    expect(await rowOf(rig(), holder)).toMatchObject({ owner: undefined, reserved: 100 })
  })

  test('a second release, or a renewal after one, changes nothing', async () => {
    const holder = await claimFree(rig().workers[0], newPool(), reach(100))
    await rig().workers[0].release(holder, 40)
    const released = await rowOf(rig(), holder)
    await rig().workers[0].release(holder, 10)
    expect(await rig().workers[0].renew(holder, 0, reach(500))).toBe(false)
    expect(await rowOf(rig(), holder)).toEqual(released)
  })

  test('a release that comes after the next claim changes nothing', async () => {
    const pool = newPool(1)
    const old = await claimFree(rig().workers[0], pool, reach(100))
    await expire(rig(), old)
    const next = await claimFree(rig().workers[1], pool, reach(200))
    const before = await rowOf(rig(), next)
    await rig().workers[0].release(old, 40)
    expect(await rowOf(rig(), next)).toEqual(before)
  })
}

function emptiedTables(open: OpenWorkerRig): void {
  test('a table emptied under its users belongs to nobody until somebody opens it anew', async () => {
    const rig = await open()
    const [one, other] = rig.workers
    const pool = newPool(2)
    try {
      const held = await claimFree(one, pool)
      const fresh = freeOf(await one.survey(pool))
      const released = await claimFree(one, pool)
      await one.release(released, 40)
      const { free: used, openedMs } = await one.survey(pool)
      await rig.empty()
      for (const free of [fresh, used ?? fresh]) {
        expect(await one.claim(holderOf(pool, free), free, reach(100))).toBe(false)
      }
      expect(await one.renew(held, 0, reach(100))).toBe(false)
      await one.release(held, 0)

      const survey = await other.survey(pool)
      expect(survey.free).toMatchObject({ worker: 0, epoch: 0n, reserved: 0 })
      expectNear(survey.openedMs, survey.nowMs)
      expect(survey.openedMs).toBeGreaterThanOrEqual(openedMs)
      expect(await one.renew(held, 0, reach(100))).toBe(false)
      expect(await claimFree(other, pool)).toMatchObject({ worker: 0, epoch: 1n })
    } finally {
      await rig.close()
    }
  })

  test('a claim of a worker id that was new before that fails in the pool that follows', async () => {
    const rig = await open()
    const [one, other] = rig.workers
    const [pool, clock] = [newPool(), newPool()]
    try {
      const stale = freeOf(await one.survey(pool))
      await rig.empty()
      await eventually(
        () => other.survey(clock),
        ({ nowMs }) => nowMs > stale.openedMs,
      )
      const fresh = freeOf(await other.survey(pool))
      expect(fresh).toMatchObject({ worker: stale.worker, epoch: 0n, reserved: 0 })
      expect(await one.claim(holderOf(pool, stale), stale, reach(100))).toBe(false)
      expect(await rig.row(pool.name, stale.worker)).toBeUndefined()
      expect(await one.claim(holderOf(pool, fresh), fresh, reach(100))).toBe(true)
    } finally {
      await rig.close()
    }
  })
}

async function rowOf(rig: WorkerRig, { pool, worker }: WorkerHolder) {
  const row = await rig.row(pool, worker)
  if (row === undefined) throw new Error(`There is no row of worker ${worker}.`)
  return row
}
