import { expect, test } from '@jest/globals'
import type { WorkerHolder } from '../../internal/domain/generator/worker-repository.ts'
import {
  claimFree,
  expire,
  freeOf,
  holderOf,
  LIFE_MS,
  newPool,
  reach,
} from '../support/worker-claim.ts'
import type { WorkerRig } from '../support/worker-rig.ts'

/** What every `WorkerRepository` promises of a claim. */
export function claims(rig: () => WorkerRig): void {
  outcomes(rig)
  staleSurveys(rig)
  races(rig)
}

function outcomes(rig: () => WorkerRig): void {
  test('a claim makes its owner the holder under the next epoch, for the time asked for', async () => {
    const [workers] = rig().workers
    const pool = newPool()
    const begunMs = Date.now()
    const first = await claimFree(workers, pool)
    const row = await rig().row(pool.name, 0)
    expect(row).toMatchObject({ owner: first.owner, epoch: 1n, reserved: 100 })
    expectNear(row?.expiresMs, begunMs + LIFE_MS)
    await expire(rig(), first)
    const free = freeOf(await workers.survey(pool, 0))
    const second = holderOf(pool, free)
    const laterMs = Date.now()
    expect(await workers.claim(second, free, reach(300, 2 * LIFE_MS))).toBe(true)
    const after = await rig().row(pool.name, 0)
    expect(after).toMatchObject({ owner: second.owner, epoch: 2n, reserved: 300 })
    expectNear(after?.expiresMs, laterMs + 2 * LIFE_MS)
  })

  test('a claim that reserves less than earlier holders did lowers nothing', async () => {
    const pool = newPool(1)
    const old = await claimFree(rig().workers[0], pool, reach(100))
    await expire(rig(), old)
    await claimFree(rig().workers[1], pool, reach(50))
    expect(await rig().row(pool.name, 0)).toMatchObject({ epoch: 2n, reserved: 100 })
  })

  test.each([2 ** 32 + 1, 2 ** 41 - 1, 2 ** 53 - 2, 2 ** 53 - 1])(
    'a reservation of %d is kept to the last digit',
    async (reserved) => {
      const pool = newPool(1)
      const { workers } = rig()
      const first = await claimFree(workers[0], pool, reach(reserved - 1))
      expect(await workers[0].renew(first, reserved - 1, reach(reserved))).toBe(true)
      expect(await workers[0].renew(first, reserved, reach(reserved))).toBe(true)
      await workers[0].release(first, reserved)
      const free = freeOf(await workers[1].survey(pool))
      expect(free.reserved).toBe(reserved)
      const off = { ...free, reserved: reserved - 1 }
      expect(await workers[1].claim(holderOf(pool, off), off, reach(reserved))).toBe(false)
      expect(await workers[1].claim(holderOf(pool, free), free, reach(1))).toBe(true)
      expect(await rig().row(pool.name, 0)).toMatchObject({ epoch: 2n, reserved })
    },
  )

  test('one owner may hold worker ids of several pools, and several of one', async () => {
    const [pool, other] = [newPool(), newPool()]
    const { owner } = await claimFree(rig().workers[0], pool)
    for (const next of [pool, other]) {
      const free = freeOf(await rig().workers[0].survey(next))
      const claimed = rig().workers[0].claim(holderOf(next, free, owner), free, reach(100))
      expect(await claimed).toBe(true)
    }
  })

  test('nothing is claimed of a pool that nobody has looked at', async () => {
    const pool = newPool()
    const free = { worker: 0, epoch: 0n, reserved: 0, openedMs: 0 }
    expect(await rig().workers[0].claim(holderOf(pool, free), free, reach(100))).toBe(false)
    expect(await rig().row(pool.name, 0)).toBeUndefined()
  })
}

function staleSurveys(rig: () => WorkerRig): void {
  type Event = (holder: WorkerHolder) => Promise<unknown>
  /** What happens to an ended lease of epoch 1 and reservation 100 after it was surveyed. */
  const events: [string, Event][] = [
    ['its holder has renewed it', (holder) => rig().workers[0].renew(holder, 100, reach(100))],
    [
      'its holder has renewed it, and it has ended again',
      async (holder) => {
        await rig().workers[0].renew(holder, 100, reach(200))
        await expire(rig(), holder)
      },
    ],
    ['its holder has released it', (holder) => rig().workers[0].release(holder, 40)],
    [
      'another has claimed it and released it with the same reservation',
      async ({ pool }) => {
        const next = await claimFree(rig().workers[0], { name: pool, size: 1 }, reach(100))
        await rig().workers[0].release(next, 100)
      },
    ],
    ['another has claimed it', ({ pool }) => claimFree(rig().workers[0], { name: pool, size: 1 })],
  ]
  test.each(events)('no claim succeeds on a survey since which %s', async (_, happens) => {
    const pool = newPool(1)
    const holder = await claimFree(rig().workers[0], pool, reach(100))
    await expire(rig(), holder)
    const free = freeOf(await rig().workers[1].survey(pool))
    await happens(holder)
    const before = await rig().row(pool.name, 0)
    expect(await rig().workers[1].claim(holderOf(pool, free), free, reach(900))).toBe(false)
    expect(await rig().row(pool.name, 0)).toEqual(before)
  })

  test('no claim succeeds on a worker id that somebody has claimed for the first time', async () => {
    const pool = newPool()
    const free = freeOf(await rig().workers[1].survey(pool))
    await claimFree(rig().workers[0], pool)
    const before = await rig().row(pool.name, 0)
    expect(await rig().workers[1].claim(holderOf(pool, free), free, reach(900))).toBe(false)
    expect(await rig().row(pool.name, 0)).toEqual(before)
  })

  test('no claim succeeds on a lease that is held, whatever the claimer believes', async () => {
    const pool = newPool(1)
    const { worker, epoch } = await claimFree(rig().workers[0], pool, reach(100))
    const { openedMs } = await rig().workers[1].survey(pool)
    const free = { worker, epoch, reserved: 100, openedMs }
    expect(await rig().workers[1].claim(holderOf(pool, free), free, reach(900))).toBe(false)
  })
}

function races(rig: () => WorkerRig): void {
  const claimTogether = async (pool: ReturnType<typeof newPool>) => {
    const free = freeOf(await rig().workers[0].survey(pool))
    const all = Array.from({ length: 16 }, async (_, i) => {
      const holder = holderOf(pool, free)
      const won = await rig().workers[i % 2 ? 0 : 1].claim(holder, free, reach(1_000 + i))
      return won ? [holder] : []
    })
    return (await Promise.all(all)).flat()
  }

  test('of 16 who claim a worker id for the first time at once exactly one succeeds', async () => {
    const pool = newPool()
    const [winner, ...others] = await claimTogether(pool)
    expect(others).toEqual([])
    expect(await rig().row(pool.name, 0)).toMatchObject({ owner: winner?.owner, epoch: 1n })
  })

  test('of 16 who claim an ended lease at once exactly one succeeds', async () => {
    const pool = newPool(1)
    await expire(rig(), await claimFree(rig().workers[0], pool))
    const [winner, ...others] = await claimTogether(pool)
    expect(others).toEqual([])
    expect(await rig().row(pool.name, 0)).toMatchObject({ owner: winner?.owner, epoch: 2n })
  })

  test('8 who claim whatever is free, at once, share a pool of 24 without holding one twice', async () => {
    const pool = newPool(24)
    const claimAll = async (caller: number) => {
      const workers = rig().workers[caller % 2 ? 0 : 1]
      const mine: number[] = []
      for (let round = 0; round < 100; round += 1) {
        const { free } = await workers.survey(pool)
        if (free === undefined) break
        if (await workers.claim(holderOf(pool, free), free, reach(100))) mine.push(free.worker)
      }
      return mine
    }
    const all = await Promise.all(Array.from({ length: 8 }, (_, caller) => claimAll(caller)))
    const workers = all.flat().toSorted((one, other) => one - other)
    expect(workers).toEqual(Array.from({ length: 24 }, (_, worker) => worker))
  })
}

/** Within what a call may take. */
export function expectNear(actualMs: number | undefined, expectedMs: number): void {
  expect(Math.abs((actualMs ?? 0) - expectedMs)).toBeLessThan(5_000)
}
