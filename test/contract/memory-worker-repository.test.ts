import { expect, test } from '@jest/globals'
import { MemoryWorkerRepository } from '../../internal/repository/worker/memory-worker-repository.ts'
import { claimFree, newPool } from '../support/worker-claim.ts'
import { memoryWorkerRig } from '../support/worker-rig.ts'
import { workerRepositoryContract } from './worker-repository.contract.ts'
import { surveysLargePools } from './worker-surveys.contract.ts'

workerRepositoryContract('memory', memoryWorkerRig)
surveysLargePools('memory', memoryWorkerRig)

test('the memory one goes by the clock it is given: a lease lasts to its very end', async () => {
  let nowMs = 1_000
  const workers = new MemoryWorkerRepository(new Map(), () => nowMs)
  const pool = newPool(1)
  await claimFree(workers, pool, { reserved: 100, lifeMs: 500 })
  nowMs = 1_500
  expect(await workers.survey(pool)).toEqual({
    nowMs: 1_500,
    openedMs: 1_000,
    free: undefined,
    nextEndMs: 1_500,
  })
  nowMs = 1_501
  expect(await workers.survey(pool)).toMatchObject({ free: { worker: 0 }, nextEndMs: undefined })
})
