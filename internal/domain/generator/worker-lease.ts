import type { Random } from '../../../pkg/async/backoff.ts'
import { WorkLoop } from '../../../pkg/async/work-loop.ts'
import type { Clock } from '../../../pkg/clock/clock.ts'
import {
  workerLeaseLost,
  workerPoolExhausted,
  workerPoolNew,
  workerTaken,
  workerUnknown,
} from '../../../pkg/errors/failures.ts'
import { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import type { SnowflakeLayout } from '../entity/snowflake-layout.ts'
import type { GeneratorObserver } from './generator-observer.ts'
import type { HeldWorker } from './generator-state.ts'
import { SKEW_MAX_MS, trustedSurvey } from './trusted-survey.ts'
import type { HeldGrant, Reach, WorkerGrant } from './worker-grant.ts'
import type { FreeWorker, PoolSurvey, WorkerHolder, WorkerRepository } from './worker-repository.ts'

const BACKOFF_MAX_MS = 1000
const RETRY_AFTER_MS = 500
/** A lease is renewed each time that this share of its life has passed. */
const RENEWED_AFTER = 1 / 3

export interface WorkerLeaseOptions {
  readonly workers: WorkerRepository
  /** The random name of this process. */
  readonly owner: string
  /** The one worker id to use, if the settings fix it. */
  readonly fixedWorker: number | undefined
  /** How long a claim and a renewal reach, in milliseconds. */
  readonly lifeMs: number
  readonly clock: Clock
  readonly random: Random
  readonly observer: GeneratorObserver
}

/**
 * The worker id that this process uses for all tags of one layout: claimed when it is first needed,
 * renewed while the process lives, and claimed anew when it was lost.
 *
 *     none -> claim -> held -> renew every third of its life -> held
 *       ^                |
 *       +-- a renewal finds that somebody else has claimed it
 *
 * A lease that has ended is renewed all the same, unless somebody has claimed the worker id since.
 *
 * Why no id leaves twice, whatever the clocks do:
 *
 * 1. Every tick used lies between the grant's `floor` and its `reserved`, both inclusive, checked on
 *    the very tick that is used.
 * 2. `reserved` is what the store has acknowledged; `floor` is above what it had stored before, and
 *    the store gives each reservation to one claim only. So the ticks of two grants of one worker id
 *    never overlap. Where the table was emptied by hand, `floor` is above all that it can have
 *    stored: a life and the skew past the moment at which the pool was opened anew.
 * 3. The last tick belongs to this lease: whoever begins to use it begins above it, so that the
 *    generator of an evicted tag repeats nothing.
 *
 * That the lease also ends by the monotonic clock only spares waits.
 */
export class WorkerLease {
  readonly layout: SnowflakeLayout
  readonly #options: WorkerLeaseOptions
  readonly #loop: WorkLoop
  readonly #listeners = new Set<() => void>()
  #grant: HeldGrant | undefined
  /** A claim whose outcome is unknown: if it succeeded, a renewal proves that. */
  #claimed: HeldGrant | undefined
  /** The highest tick that this process has used under any grant. */
  #lastTick = 0
  /** Why the last attempt failed; undefined once one has succeeded. */
  #lastError: GolovesError | undefined
  #wasHeld = false
  #isOver = false
  #callOffRenewal = (): void => {}

  /** Begins to claim a worker id at once. */
  constructor(layout: SnowflakeLayout, options: WorkerLeaseOptions) {
    this.layout = layout
    this.#options = options
    this.#loop = new WorkLoop({
      work: () => this.#extend(),
      backoffMaxMs: () => BACKOFF_MAX_MS,
      clock: options.clock,
      random: options.random,
    })
    this.#loop.start()
  }

  /**
   * The grant to use at the tick `now`; undefined while it is being claimed.
   *
   * @throws GolovesError WORKER_LEASE_LOST, WORKER_POOL_EXHAUSTED.
   */
  grantAt(now: number): WorkerGrant | undefined {
    const grant = this.#usableAt(now)
    if (grant !== undefined) return grant
    this.#loop.start()
    const refusal = this.#refusal()
    if (refusal !== undefined) throw refusal
    return undefined
  }

  /**
   * Notes that `tick` is used from now on, under a grant that was just asked for.
   *
   * @throws RangeError if that breaks invariant 1, or the grant is no longer held: a mistake of ours.
   */
  use(tick: number, grant: WorkerGrant): void {
    const held = this.#grant
    if (held !== grant || tick < held.floor || tick > held.reserved) {
      throw new RangeError(`Tick ${tick} is not ours.`)
    }
    held.lastTick = Math.max(held.lastTick, tick)
    this.#lastTick = Math.max(this.#lastTick, tick)
  }

  /** The first tick that a generator may use that has used none under this grant. */
  startOf({ floor }: WorkerGrant): number {
    return Math.max(floor, this.#lastTick + 1)
  }

  /** Calls `changed` each time that `grantAt` may answer otherwise. The function it returns ends that. */
  onChange(changed: () => void): () => void {
    this.#listeners.add(changed)
    return () => this.#listeners.delete(changed)
  }

  /** Why the last attempt to hold a worker id failed; undefined once one has succeeded. */
  get lastError(): GolovesError | undefined {
    return this.#lastError
  }

  /** How long ids can leave without another word from the store, in milliseconds; 0 if they can't. */
  get leftMs(): number {
    const grant = this.#usable()
    return grant === undefined ? 0 : grant.endMs - this.#options.clock.monotonicMs()
  }

  /** What is held at present. */
  get held(): HeldWorker | undefined {
    const grant = this.#usable()
    if (grant === undefined) return undefined
    const reservedUntilMs = this.layout.startOf(grant.reserved + 1)
    return { worker: grant.worker, epoch: grant.holder.epoch, reservedUntilMs }
  }

  /**
   * Gives the worker id back, with one attempt, and never uses it again. All generators that use the
   * lease must be closed. Never rejects: what is not given back ends by itself.
   */
  async release(): Promise<void> {
    const { workers, observer } = this.#options
    const grant = this.#grant ?? this.#claimed
    this.#isOver = true
    this.#grant = undefined
    this.#callOffRenewal()
    this.#loop.stop()
    if (grant === undefined) return
    try {
      await workers.release(grant.holder, grant.lastTick)
    } catch (thrown) {
      observer.workerFailed(this.layout.name, GolovesError.from(thrown))
    }
  }

  #usable(): HeldGrant | undefined {
    return this.#usableAt(this.layout.tickAt(this.#options.clock.nowMs()))
  }

  #usableAt(now: number): HeldGrant | undefined {
    const grant = this.#grant
    if (grant === undefined || now > grant.reserved) return undefined
    return this.#options.clock.monotonicMs() < grant.endMs ? grant : undefined
  }

  /** A store that is away is waited for, unless ids had begun to leave: then callers look elsewhere. */
  #refusal(): GolovesError | undefined {
    if (this.#lastError?.code !== 'STORE_UNAVAILABLE') return this.#lastError
    return this.#wasHeld ? workerLeaseLost(RETRY_AFTER_MS, this.#lastError) : undefined
  }

  /** @returns Never that there is more to do; it is tried again when it rejects. */
  async #extend(): Promise<boolean> {
    const isHeld = await this.#attempt()
    if (!isHeld && !this.#isOver) throw new Error('Somebody else was faster.')
    return false
  }

  /** One attempt to hold a worker id, or to hold it for longer. @returns Whether it is held. */
  async #attempt(): Promise<boolean> {
    const { observer } = this.#options
    try {
      const isHeld = await this.#renewOrClaim()
      if (this.#isOver) return false
      this.#lastError = undefined
      if (isHeld) observer.workerRecovered(this.layout.name)
      return isHeld
    } catch (thrown) {
      if (this.#isOver) return false
      this.#lastError = GolovesError.from(thrown)
      observer.workerFailed(this.layout.name, this.#lastError)
      throw thrown
    } finally {
      for (const changed of this.#listeners) changed()
    }
  }

  async #renewOrClaim(): Promise<boolean> {
    const { workers, clock, fixedWorker } = this.#options
    const { name, workers: size, workerMax } = this.layout
    if (fixedWorker !== undefined && fixedWorker > workerMax) {
      throw workerUnknown(name, fixedWorker, workerMax)
    }
    const held = this.#grant ?? this.#claimed
    // For a renewal only the clocks are compared; one row is quicker to look at than a whole pool.
    const only = held?.worker ?? fixedWorker
    const survey = await trustedSurvey(clock, () => workers.survey({ name, size }, only))
    if (this.#isOver) return false
    return held === undefined ? await this.#claim(survey) : await this.#renew(held, survey)
  }

  /** Extends a grant, or proves a claim whose reply was lost. @returns Whether it is held. */
  async #renew(grant: HeldGrant, { nowMs }: PoolSurvey): Promise<boolean> {
    const reach = this.#reach(nowMs)
    const isOurs = await this.#options.workers.renew(grant.holder, grant.reserved, reach)
    this.#claimed = undefined
    if (isOurs) return this.#hold(grant, reach)
    this.#grant = undefined
    return false
  }

  /**
   * @returns Whether it is held; if not, somebody else was faster.
   * @throws GolovesError WORKER_POOL_EXHAUSTED; WORKER_LEASE_LOST while the pool is new.
   */
  async #claim({ free, nowMs, openedMs, nextEndMs }: PoolSurvey): Promise<boolean> {
    const { lifeMs, owner, workers } = this.#options
    // The first tick of a new pool is a life and the skew away (`#grantOf`); our clock, which may be
    // behind the database's, gets there one more skew later. Until then callers look elsewhere.
    const newForMs = openedMs + lifeMs + 2 * SKEW_MAX_MS - nowMs
    if (newForMs > 0) throw workerPoolNew(this.layout.name, newForMs)
    if (free === undefined) throw this.#noneFree(Math.max(1, (nextEndMs ?? nowMs) - nowMs))
    const holder = { pool: this.layout.name, worker: free.worker, owner, epoch: free.epoch + 1n }
    const grant = this.#grantOf(holder, free)
    const reach = this.#reach(nowMs)
    this.#claimed = grant
    const isOurs = await workers.claim(holder, free, reach)
    this.#claimed = undefined
    return isOurs && this.#hold(grant, reach)
  }

  /** Nothing can be used of it before the store has acknowledged a reservation. */
  #grantOf(holder: WorkerHolder, { reserved, openedMs }: FreeWorker): HeldGrant {
    // All that anybody can have reserved in a table that was emptied before.
    const forgotten = this.layout.tickAt(openedMs + this.#options.lifeMs + SKEW_MAX_MS)
    const lastTick = Math.max(reserved, forgotten)
    const floor = Math.max(lastTick, this.#lastTick) + 1
    return { worker: holder.worker, holder, floor, reserved, endMs: 0, lastTick }
  }

  /**
   * Counted from before the question is sent, so that we never count on more than the store.
   *
   * @param storeNowMs What the store's clock said when ours was compared with it. Ours may have
   * stepped since, so it counts for no more than it could differ then. Time that has passed since is
   * left out: the worst is a shorter reservation.
   */
  #reach(storeNowMs: number): Reach {
    const { clock, lifeMs } = this.#options
    const nowMs = Math.min(clock.nowMs(), storeNowMs + SKEW_MAX_MS)
    const reserved = this.layout.tickAt(nowMs + lifeMs)
    return {
      reserved: Math.max(0, Math.min(reserved, this.layout.tickMax)),
      lifeMs,
      endMs: clock.monotonicMs() + lifeMs,
    }
  }

  #hold(grant: HeldGrant, { reserved, endMs, lifeMs }: Reach): boolean {
    if (this.#isOver) return false
    const { observer, clock } = this.#options
    if (this.#grant !== grant) observer.workerHeld(grant.holder)
    grant.reserved = Math.max(grant.reserved, reserved)
    grant.endMs = endMs
    this.#grant = grant
    this.#wasHeld = true
    this.#callOffRenewal()
    this.#callOffRenewal = clock.after(lifeMs * RENEWED_AFTER, () => this.#loop.start())
    return true
  }

  #noneFree(retryAfterMs: number): GolovesError {
    const { name, workers } = this.layout
    const { fixedWorker } = this.#options
    if (fixedWorker !== undefined) return workerTaken(name, fixedWorker, retryAfterMs)
    return workerPoolExhausted(name, workers, retryAfterMs)
  }
}
