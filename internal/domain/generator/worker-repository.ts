/** The worker ids `0` to `size - 1` of all tags of one layout. */
export interface WorkerPool {
  /** The layout's name. */
  readonly name: string
  readonly size: number
}

/** A worker id that nobody holds. */
export interface FreeWorker {
  readonly worker: number
  /** How often it was claimed so far; 0 if it never was. */
  readonly epoch: bigint
  /** The highest tick that its holders so far may have used; 0 if there were none. */
  readonly reserved: number
  /** When the pool was opened, as `PoolSurvey` says. */
  readonly openedMs: number
}

/** What a pool looks like before a claim or a renewal. */
export interface PoolSurvey {
  /** The database's clock, in milliseconds since 1970, UTC. */
  readonly nowMs: number
  /**
   * When the pool was first looked at, by that clock. A pool that is new to the database may still
   * have holders, if somebody emptied the table under them.
   */
  readonly openedMs: number
  /**
   * The worker id to claim: the lowest that never was claimed, else of those that nobody holds the
   * one with the lowest reservation. Undefined when all are held.
   */
  readonly free: FreeWorker | undefined
  /** When the first of the leases ends that are held now; undefined if none is. */
  readonly nextEndMs: number | undefined
}

/** Who holds a worker id: the owner's name is used once, the epoch rises with each claim. */
export interface WorkerHolder {
  readonly pool: string
  readonly worker: number
  /** The random name of one process. */
  readonly owner: string
  readonly epoch: bigint
}

/** How far a claim or a renewal reaches. */
export interface WorkerReach {
  /** The last tick that the holder may use. */
  readonly reserved: number
  /** How long the lease lasts from now on, by the database's clock. */
  readonly lifeMs: number
}

/**
 * Leases of worker ids, by the database's clock.
 *
 * 1. A claim succeeds only if nobody has claimed or renewed that worker id since it was surveyed, so
 *    that the reservation that was surveyed is the last one of all earlier holders. The first claim of
 *    a worker id also needs the pool to be the one that was surveyed, not one that was opened anew
 *    after somebody emptied the table.
 * 2. Rows are never deleted, epochs never fall, and a reservation falls only when its holder
 *    releases it.
 * 3. Every statement is harmless when it is executed twice, with any others in between.
 *
 * Every method throws GolovesError STORE_UNAVAILABLE, after two seconds at most, when the store
 * fails in a way that may pass; whether a claim or a renewal happened is unknown then.
 */
export abstract class WorkerRepository {
  /** @param only If given, the one worker id that is looked at. Opens a pool that is new. */
  abstract survey(pool: WorkerPool, only?: number): Promise<PoolSurvey>

  /**
   * Makes `owner` the holder of a free worker id, under the next epoch.
   *
   * @param holder With the epoch that follows the one of `free`.
   * @returns Whether it is; if not, somebody else was faster, or the pool is not what it was.
   */
  abstract claim(holder: WorkerHolder, free: FreeWorker, reach: WorkerReach): Promise<boolean>

  /**
   * Extends the lease of its holder, also after its end if nobody has claimed it since.
   *
   * @param acked The reservation that the holder knows of: a store with a lower one has lost it.
   * @returns Whether it did; if not, this holder must not use the worker id any more.
   */
  abstract renew(holder: WorkerHolder, acked: number, reach: WorkerReach): Promise<boolean>

  /**
   * Ends the lease of its holder, who never uses it again.
   *
   * @param lastTick The highest tick it has used, which lowers the reservation to it; never below the
   * reservation that its claim has found.
   */
  abstract release(holder: WorkerHolder, lastTick: number): Promise<void>
}
