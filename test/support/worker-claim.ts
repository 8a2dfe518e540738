import type {
  FreeWorker,
  PoolSurvey,
  WorkerHolder,
  WorkerPool,
  WorkerReach,
  WorkerRepository,
} from '../../internal/domain/generator/worker-repository.ts'
import type { WorkerRig } from './worker-rig.ts'

/** Long enough that nothing ends by itself while a test runs. */
export const LIFE_MS = 600_000

let count = 0

/** A pool that no other test uses. */
export function newPool(size = 4): WorkerPool {
  count += 1
  return { name: `pool-${count}`, size }
}

/** An owner that no other test uses. */
export function newOwner(): string {
  count += 1
  return `owner-${count}`
}

export function reach(reserved: number, lifeMs = LIFE_MS): WorkerReach {
  return { reserved, lifeMs }
}

/** What a survey found free. @throws Error when that was nothing. */
export function freeOf({ free }: PoolSurvey): FreeWorker {
  if (free === undefined) throw new Error('All worker ids are held.')
  return free
}

export function holderOf(
  pool: WorkerPool,
  { worker, epoch }: FreeWorker,
  owner = newOwner(),
): WorkerHolder {
  return { pool: pool.name, worker, owner, epoch: epoch + 1n }
}

/** Claims whatever is free. @throws Error when that does not succeed. */
export async function claimFree(
  workers: WorkerRepository,
  pool: WorkerPool,
  upTo = reach(100),
): Promise<WorkerHolder> {
  const free = freeOf(await workers.survey(pool))
  const holder = holderOf(pool, free)
  if (!(await workers.claim(holder, free, upTo))) throw new Error('It was not free.')
  return holder
}

/** Ends a lease by hand, as if its time had passed. */
export async function expire(rig: WorkerRig, { pool, worker }: WorkerHolder): Promise<void> {
  const row = await rig.row(pool, worker)
  if (row === undefined) throw new Error(`There is no worker ${worker}.`)
  await rig.put(pool, new Map([[worker, { ...row, expiresMs: 1 }]]))
}
