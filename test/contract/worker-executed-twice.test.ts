import { describe, expect, test } from '@jest/globals'
import type { WorkerHolder, WorkerPool } from '../../internal/domain/generator/worker-repository.ts'
import type { WorkerRow } from '../../internal/repository/worker/memory-worker-repository.ts'
import { RecordingDatabase } from '../support/recording-database.ts'
import type { Wrap } from '../support/store-rig.ts'
import { TwiceDatabase } from '../support/twice-database.ts'
import { claimFree, expire, freeOf, holderOf, newPool, reach } from '../support/worker-claim.ts'
import { mysqlWorkerRig, sqliteWorkerRig, type WorkerRig } from '../support/worker-rig.ts'
import { workerRepositoryContract } from './worker-repository.contract.ts'

// Drivers, proxies and people repeat statements; promise 11 says that it does no harm.

const RIGS: readonly [string, (wrap: Wrap) => Promise<WorkerRig>][] = [
  ['sqlite', sqliteWorkerRig],
  ['mysql', mysqlWorkerRig],
]

for (const [name, open] of RIGS) {
  workerRepositoryContract(`${name}, each statement executed twice, the first answer seen`, () =>
    open((database) => new TwiceDatabase(database, 'first')),
  )
}

describe.each(RIGS)('%s, each statement executed twice, the last answer seen', (_, open) => {
  test('a claim looks as if somebody else had been faster, and nobody else holds it', async () => {
    const rig = await open((database) => new TwiceDatabase(database, 'last'))
    const [one, other] = rig.workers
    const pool = newPool(1)
    try {
      const free = freeOf(await one.survey(pool))
      const holder = holderOf(pool, free)
      expect(await one.claim(holder, free, reach(100))).toBe(false)
      expect(await other.claim(holderOf(pool, free), free, reach(100))).toBe(false)
      expect((await other.survey(pool)).free).toBeUndefined()
      expect(await one.renew(holder, 0, reach(200))).toBe(true)
      await one.release(holder, 40)
      expect((await other.survey(pool)).free).toMatchObject({ worker: 0, epoch: 1n, reserved: 40 })
    } finally {
      await rig.close()
    }
  })
})

/** What may happen to the one worker id of a pool, in order. */
const CHANGES: readonly ((rig: WorkerRig, holder: WorkerHolder) => Promise<unknown>)[] = [
  ({ workers }, { pool }) => claimFree(workers[0], { name: pool, size: 1 }, reach(100)),
  ({ workers }, holder) => workers[0].renew(holder, 100, reach(200)),
  ({ workers }, holder) => workers[0].renew(holder, 200, reach(150)),
  ({ workers }, holder) => workers[0].release(holder, 120),
  ({ workers }, { pool }) => claimFree(workers[1], { name: pool, size: 1 }, reach(110)),
  expire,
  ({ workers }, { pool }) => claimFree(workers[0], { name: pool, size: 1 }, reach(300)),
  ({ workers }, holder) => workers[0].release(holder, 200),
  ({ workers }, { pool }) => claimFree(workers[1], { name: pool, size: 1 }, reach(200)),
  ({ workers }, holder) => workers[1].renew(holder, 200, reach(400)),
]

describe.each(RIGS)('every statement of %s about worker ids', (_, open) => {
  let recordings: RecordingDatabase[] = []
  const record: Wrap = (database) => {
    const recording = new RecordingDatabase(database)
    recordings.push(recording)
    return recording
  }
  const replay = async () => {
    for (const recording of recordings) await recording.replay(AbortSignal.timeout(5_000))
  }

  test('executed again, however much later, may extend the lease of its holder and no more', async () => {
    recordings = []
    const rig = await open(record)
    const pool = newPool(1)
    try {
      for (const change of CHANGES) {
        await change(rig, holderBy(pool, await rig.row(pool.name, 0)))
        const before = await rig.row(pool.name, 0)
        await replay()
        const after = await rig.row(pool.name, 0)
        expect(withoutEnd(after)).toEqual(withoutEnd(before))
        expect(after?.expiresMs).toBeGreaterThanOrEqual(before?.expiresMs ?? 0)
      }
      expect(await rig.row(pool.name, 0)).toMatchObject({ epoch: 4n, reserved: 400 })
    } finally {
      await rig.close()
    }
  })

  test('executed again on an emptied table, never makes a pool look old', async () => {
    recordings = []
    const rig = await open(record)
    const pool = newPool(1)
    try {
      await claimFree(rig.workers[0], pool)
      await rig.empty()
      const emptied = await rig.workers[0].survey(newPool())
      await replay()
      const { openedMs } = await rig.workers[1].survey(pool)
      expect(openedMs).toBeGreaterThanOrEqual(emptied.nowMs)
    } finally {
      await rig.close()
    }
  })
})

function holderBy({ name }: WorkerPool, row: WorkerRow | undefined): WorkerHolder {
  return { pool: name, worker: 0, owner: row?.owner ?? 'nobody', epoch: row?.epoch ?? 0n }
}

function withoutEnd(row: WorkerRow | undefined) {
  return { owner: row?.owner, epoch: row?.epoch, reserved: row?.reserved }
}
