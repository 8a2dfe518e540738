import type {
  FreeWorker,
  WorkerHolder,
  WorkerReach,
} from '../../../internal/domain/generator/worker-repository.ts'

/** What the store has granted to a process, as far as it was told. */
export interface Granted {
  /** To whom. */
  readonly owner: string
  readonly worker: number
  /** The ticks that it may use, both inclusive. */
  readonly first: number
  last: number
  /** Until when, on its monotonic clock. */
  endMs: number
  /** Until when it knows that for sure: less, if it was stopped while it asked. */
  sureMs: number
  /** Whether it has given it back: then it listens no more. */
  isReleased: boolean
}

/**
 * What a process may use, noted on the wire between it and the store, so that nothing the process
 * believes has a say in it.
 */
export class GrantBook {
  readonly #byEpoch = new Map<string, Granted>()

  /** It asks for a worker id. Whether it gets it may turn out much later. */
  asked({ owner, worker, epoch }: WorkerHolder, { reserved }: FreeWorker): void {
    const nothing = {
      owner,
      worker,
      first: reserved + 1,
      last: reserved,
      endMs: 0,
      sureMs: 0,
      isReleased: false,
    }
    this.#byEpoch.set(`${worker}/${epoch}`, nothing)
  }

  /**
   * It is told yes.
   *
   * @param askedMs When it began to ask, on its monotonic clock; `sentMs` when the question was sent.
   */
  granted(
    { worker, epoch }: WorkerHolder,
    { reserved, lifeMs }: WorkerReach,
    askedMs: number,
    sentMs: number,
  ): void {
    const grant = this.#byEpoch.get(`${worker}/${epoch}`)
    if (grant === undefined || grant.isReleased) return
    grant.last = Math.max(grant.last, reserved)
    grant.endMs = sentMs + lifeMs
    grant.sureMs = askedMs + lifeMs
  }

  /** It is told no. */
  refused({ worker, epoch }: WorkerHolder): void {
    const grant = this.#byEpoch.get(`${worker}/${epoch}`)
    if (grant !== undefined) grant.sureMs = 0
  }

  /** It gives the worker id back, and never uses a later tick under it. */
  released({ worker, epoch }: WorkerHolder, lastTick: number): void {
    const grant = this.#byEpoch.get(`${worker}/${epoch}`)
    if (grant === undefined) return
    grant.last = Math.min(grant.last, lastTick)
    grant.sureMs = 0
    grant.isReleased = true
  }

  get grants(): readonly Granted[] {
    return [...this.#byEpoch.values()]
  }

  /** Whether it may use a tick. */
  allows(worker: number, tick: number): boolean {
    return this.grants.some(
      (grant) => grant.worker === worker && grant.first <= tick && tick <= grant.last,
    )
  }

  /** Whether it could use all ticks from `first` to `last` at that moment of its monotonic clock. */
  covers(first: number, last: number, atMs: number): boolean {
    return this.grants.some(
      (grant) => grant.first <= first && last <= grant.last && atMs < grant.sureMs,
    )
  }

  /** Whether a lease of that worker id lasts at that moment of its monotonic clock. */
  lasts(worker: number, atMs: number): boolean {
    return this.grants.some((grant) => grant.worker === worker && atMs < grant.endMs)
  }
}
