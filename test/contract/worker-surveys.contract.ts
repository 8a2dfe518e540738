import { expect, test } from '@jest/globals'
import type { WorkerRow } from '../../internal/repository/worker/memory-worker-repository.ts'
import { claimFree, expire, newOwner, newPool } from '../support/worker-claim.ts'
import type { OpenWorkerRig, WorkerRig } from '../support/worker-rig.ts'
import { expectNear } from './worker-claims.contract.ts'

const ENDED = Date.now() - 3_600_000
const FAR = Date.now() + 3_600_000

/** What every `WorkerRepository` promises of a survey. */
export function surveys(rig: () => WorkerRig): void {
  test('a survey tells the time in milliseconds since 1970, UTC', async () => {
    const { nowMs } = await rig().workers[0].survey(newPool())
    expectNear(nowMs, Date.now())
  })

  test('the first survey opens the pool, and the others say when that was', async () => {
    const [one, other] = rig().workers
    const pool = newPool()
    const first = await one.survey(pool)
    expectNear(first.openedMs, first.nowMs)
    expect(first.openedMs).toBeLessThanOrEqual(first.nowMs)
    const later = [await one.survey(pool), await other.survey(pool), await other.survey(pool, 3)]
    const said = [first, ...later].flatMap(({ openedMs, free }) => [openedMs, free?.openedMs])
    expect(new Set(said)).toEqual(new Set([first.openedMs]))
  })

  test('a pool is opened once, however many look at it first', async () => {
    const pool = newPool()
    await Promise.all(
      Array.from({ length: 8 }, (_, i) => rig().workers[i % 2 ? 0 : 1].survey(pool)),
    )
    const [one, other] = [await rig().workers[0].survey(pool), await rig().workers[1].survey(pool)]
    expect(one.openedMs).toBe(other.openedMs)
    expect(await claimFree(rig().workers[0], pool)).toMatchObject({ worker: 0, epoch: 1n })
  })

  test('worker ids that never were claimed come first, the lowest of them', async () => {
    const [workers] = rig().workers
    const pool = newPool(3)
    const first = await claimFree(workers, pool)
    await workers.release(first, 5)
    for (const worker of [1, 2]) expect((await claimFree(workers, pool)).worker).toBe(worker)
    expect((await claimFree(workers, pool)).worker).toBe(0)
  })

  test('gaps that fixed worker ids leave are filled', async () => {
    const [workers] = rig().workers
    const pool = newPool(8)
    await workers.survey(pool)
    await rig().put(pool.name, new Map([1, 2, 5].map((worker) => [worker, held()])))
    for (const worker of [0, 3, 4, 6, 7]) {
      expect((await claimFree(workers, pool)).worker).toBe(worker)
    }
    expect((await workers.survey(pool)).free).toBeUndefined()
  })

  test.each<[string, WorkerRow[], number | undefined]>([
    ['the released one', [held(), released(9), held()], 1],
    ['the one whose lease has ended', [held(), held(), ended(9)], 2],
    ['the lowest reservation of several', [released(9), ended(3), released(7)], 1],
    ['the lowest of equal reservations', [held(), ended(3), released(3)], 1],
    ['a reservation of 0', [released(1), released(0), held()], 1],
    ['none while all are held', [held(), held(), held()], undefined],
  ])('of those claimed before it finds %s', async (_, rows, worker) => {
    const pool = newPool(3)
    await rig().workers[0].survey(pool)
    await rig().put(pool.name, new Map(rows.map((row, index) => [index, row])))
    const { free } = await rig().workers[0].survey(pool)
    const row = worker === undefined ? undefined : rows[worker]
    expect(free).toEqual(row && aFree(worker, row.epoch, row.reserved))
  })

  test('it tells when the first of the leases held now ends', async () => {
    const [workers] = rig().workers
    const pool = newPool(8)
    expect((await workers.survey(pool)).nextEndMs).toBeUndefined()
    const byHand = { ...released(1), expiresMs: FAR - 9 }
    await rig().put(pool.name, new Map([ended(1), byHand].map((row, i) => [i, row])))
    expect((await workers.survey(pool)).nextEndMs).toBeUndefined()
    const ends = [FAR + 5, FAR, FAR + 9]
    const rows = ends.map((expiresMs, i) => [i + 2, { ...held(), expiresMs }] as const)
    await rig().put(pool.name, new Map(rows))
    expect((await workers.survey(pool)).nextEndMs).toBe(FAR)
  })

  test('the worker ids of a pool end below its size, and pools know nothing of each other', async () => {
    const [workers] = rig().workers
    const [pool, other] = [newPool(2), newPool(2)]
    await Promise.all([workers.survey(pool), workers.survey(other)])
    await rig().put(pool.name, new Map([0, 1].map((worker) => [worker, held()])))
    await rig().put(pool.name, new Map([[2, released(0)]]))
    expect(await workers.survey(pool)).toMatchObject({ free: undefined, nextEndMs: FAR })
    const { free, nextEndMs } = await workers.survey(other)
    expect({ free, nextEndMs }).toEqual({ free: neverClaimed(0), nextEndMs: undefined })
    expect((await workers.survey({ ...pool, size: 4 })).free).toEqual(neverClaimed(3))
  })

  test('a survey of one worker id looks at no other', async () => {
    const [workers] = rig().workers
    const pool = newPool(8)
    expect((await workers.survey(pool, 6)).free).toEqual(neverClaimed(6))
    const rows = [released(4), { ...held(), expiresMs: FAR - 9 }, ended(7), held()]
    await rig().put(pool.name, new Map(rows.map((row, i) => [i, row])))
    const found = await Promise.all([0, 1, 2, 3, 4].map((only) => workers.survey(pool, only)))
    expect(found.map(({ free, nextEndMs }) => [free, nextEndMs])).toEqual([
      [aFree(0, 3n, 4), undefined],
      [undefined, FAR - 9],
      [aFree(2, 2n, 7), undefined],
      [undefined, FAR],
      [neverClaimed(4), undefined],
    ])
  })

  test('the lease of a holder is free after its end, with what its holder may have used', async () => {
    const [workers] = rig().workers
    const pool = newPool(1)
    const holder = await claimFree(workers, pool)
    expect((await workers.survey(pool)).free).toBeUndefined()
    await expire(rig(), holder)
    expect((await workers.survey(pool)).free).toEqual(aFree(0, 1n, 100))
  })
}

/** A survey of the largest pool there is among the presets, when all of it has been claimed. */
export function surveysLargePools(name: string, open: OpenWorkerRig): void {
  test(`${name}: 65,536 worker ids are surveyed within the time that a call has`, async () => {
    const rig = await open()
    const [workers] = rig.workers
    const pool = newPool(65_536)
    try {
      await workers.survey(pool)
      for (let from = 0; from < pool.size; from += 8_192) {
        const rows = Array.from({ length: 8_192 }, (_, i) => [from + i, held()] as const)
        await rig.put(pool.name, new Map(rows))
      }
      expect(await workers.survey(pool)).toMatchObject({ free: undefined, nextEndMs: FAR })
      await rig.put(pool.name, new Map([[40_000, released(5)]]))
      expect((await workers.survey(pool)).free).toMatchObject({ worker: 40_000, reserved: 5 })
    } finally {
      await rig.close()
    }
  })
}

function held(): WorkerRow {
  return { owner: newOwner(), epoch: 1n, reserved: 1_000, expiresMs: FAR }
}

function ended(reserved: number): WorkerRow {
  return { owner: newOwner(), epoch: 2n, reserved, expiresMs: ENDED }
}

function released(reserved: number): WorkerRow {
  return { owner: undefined, epoch: 3n, reserved, expiresMs: 0 }
}

function neverClaimed(worker: number) {
  return aFree(worker, 0n, 0)
}

function aFree(worker: number | undefined, epoch: bigint, reserved: number) {
  return { worker, epoch, reserved, openedMs: expect.any(Number) }
}
