import {
  type FreeWorker,
  type PoolSurvey,
  type WorkerHolder,
  type WorkerPool,
  type WorkerReach,
  WorkerRepository,
} from '../../domain/generator/worker-repository.ts'

/** A row of `leaf_worker` that stands for a worker id. */
export interface WorkerRow {
  /** Undefined once it was released. */
  readonly owner: string | undefined
  readonly epoch: bigint
  readonly reserved: number
  readonly expiresMs: number
}

interface MemoryPool {
  readonly openedMs: number
  /** By worker id. */
  readonly rows: Map<number, WorkerRow>
}

/**
 * `leaf_worker` in memory, the pools by their names: for tests and simulations. Whoever wants to
 * change a row by hand changes the map.
 */
export type MemoryWorkerTable = Map<string, MemoryPool>

const NEVER_CLAIMED: WorkerRow = { owner: undefined, epoch: 0n, reserved: 0, expiresMs: 0 }

/** Leases of worker ids in a table that several instances may share. */
export class MemoryWorkerRepository extends WorkerRepository {
  readonly #table: MemoryWorkerTable
  readonly #nowMs: () => number

  /** @param nowMs The clock of this database, in milliseconds since 1970. */
  constructor(table: MemoryWorkerTable, nowMs: () => number) {
    super()
    this.#table = table
    this.#nowMs = nowMs
  }

  async survey({ name, size }: WorkerPool, only?: number): Promise<PoolSurvey> {
    const nowMs = this.#nowMs()
    const { openedMs, rows } = this.#open(name, nowMs)
    const workers = only === undefined ? Array.from({ length: size }, (_, i) => i) : [only]
    const all = workers.map((worker) => ({ worker, ...(rows.get(worker) ?? NEVER_CLAIMED) }))
    const held = all.filter((row) => !isFree(row, nowMs))
    const free =
      all.find(({ epoch }) => epoch === 0n) ??
      all.filter((row) => isFree(row, nowMs)).toSorted((a, b) => a.reserved - b.reserved)[0]
    return {
      nowMs,
      openedMs,
      free: free && {
        worker: free.worker,
        epoch: free.epoch,
        reserved: free.reserved,
        openedMs,
      },
      nextEndMs: held.map(({ expiresMs }) => expiresMs).toSorted((a, b) => a - b)[0],
    }
  }

  async claim(
    { pool, worker, owner }: WorkerHolder,
    free: FreeWorker,
    { reserved, lifeMs }: WorkerReach,
  ): Promise<boolean> {
    const opened = this.#table.get(pool)
    if (opened === undefined) return false
    const { openedMs, rows } = opened
    if (!rows.has(worker) && openedMs !== free.openedMs) return false
    const row = rows.get(worker) ?? NEVER_CLAIMED
    const nowMs = this.#nowMs()
    if (row.epoch !== free.epoch || row.reserved !== free.reserved || !isFree(row, nowMs)) {
      return false
    }
    rows.set(worker, {
      owner,
      epoch: row.epoch + 1n,
      reserved: Math.max(row.reserved, reserved),
      expiresMs: nowMs + lifeMs,
    })
    return true
  }

  async renew(
    holder: WorkerHolder,
    acked: number,
    { reserved, lifeMs }: WorkerReach,
  ): Promise<boolean> {
    return this.#change(holder, acked, (row) => ({
      ...row,
      reserved: Math.max(row.reserved, reserved),
      expiresMs: this.#nowMs() + lifeMs,
    }))
  }

  async release(holder: WorkerHolder, lastTick: number): Promise<void> {
    this.#change(holder, lastTick, (row) => ({
      ...row,
      owner: undefined,
      reserved: lastTick,
      expiresMs: 0,
    }))
  }

  #open(name: string, openedMs: number): MemoryPool {
    const pool = this.#table.get(name) ?? { openedMs, rows: new Map() }
    this.#table.set(name, pool)
    return pool
  }

  /** Changes the row of a holder who still is that, if its reservation is `since` or higher. */
  #change(
    { pool, worker, owner, epoch }: WorkerHolder,
    since: number,
    change: (row: WorkerRow) => WorkerRow,
  ): boolean {
    const rows = this.#table.get(pool)?.rows
    const row = rows?.get(worker)
    if (row?.owner !== owner || row.epoch !== epoch || row.reserved < since) return false
    rows?.set(worker, change(row))
    return true
  }
}

function isFree({ owner, expiresMs }: WorkerRow, nowMs: number): boolean {
  return owner === undefined || expiresMs < nowMs
}
