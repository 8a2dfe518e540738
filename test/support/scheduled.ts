import type fc from 'fast-check'
import {
  type SegmentLease,
  type SegmentLeaseRequest,
  SegmentRepository,
} from '../../internal/domain/generator/segment-repository.ts'
import { Clock } from '../../pkg/clock/clock.ts'
import { storeUnavailable } from '../../pkg/errors/failures.ts'

/** How a lease ends: well, before it was committed, or after that but with its reply lost. */
export type Outcome = 'ok' | 'failed' | 'reply lost'

/** Numbers what happens, in order. */
export class Moments {
  #last = 0

  next(): number {
    this.#last += 1
    return this.#last
  }
}

/** A store whose every lease waits for the scheduler, which thereby picks when it ends. */
export class ScheduledStore extends SegmentRepository {
  /** What was leased, and at which moment it was asked for. */
  readonly committed: (SegmentLease & { readonly asked: number })[] = []
  inFlight = 0
  inFlightMax = 0
  readonly #scheduler: fc.Scheduler
  readonly #outcomes: Outcome[]
  readonly #moments: Moments
  #maxId: bigint

  constructor(
    scheduler: fc.Scheduler,
    outcomes: readonly Outcome[],
    moments: Moments,
    maxId: bigint,
  ) {
    super()
    this.#maxId = maxId
    this.#moments = moments
    this.#scheduler = scheduler
    this.#outcomes = [...outcomes]
  }

  override async lease({ size }: SegmentLeaseRequest): Promise<SegmentLease> {
    this.inFlight += 1
    this.inFlightMax = Math.max(this.inFlightMax, this.inFlight)
    const outcome = this.#outcomes.shift() ?? 'ok'
    const asked = this.#moments.next()
    await this.#scheduler.schedule(Promise.resolve(), `commit (${outcome})`)
    const lease = { offset: this.#maxId, maxId: this.#maxId + size }
    if (outcome !== 'failed') this.#maxId = lease.maxId
    if (outcome === 'ok') this.committed.push({ ...lease, asked })
    await this.#scheduler.schedule(Promise.resolve(), `reply (${outcome})`)
    this.inFlight -= 1
    if (outcome !== 'ok') throw storeUnavailable(1)
    return lease
  }
}

/** Timers fire when the scheduler says so: deadlines and back-offs in any order. */
export class ScheduledClock extends Clock {
  readonly #scheduler: fc.Scheduler
  #nowMs = 0
  /** How many timers are set. */
  pending = 0

  constructor(scheduler: fc.Scheduler) {
    super()
    this.#scheduler = scheduler
  }

  override nowMs(): number {
    return this.#nowMs
  }

  override monotonicMs(): number {
    return this.#nowMs
  }

  override after(ms: number, wake: () => void): () => void {
    let on = true
    this.pending += 1
    const end = () => {
      if (on) this.pending -= 1
      on = false
    }
    void this.#scheduler.schedule(Promise.resolve(), `timer of ${ms} ms`).then(() => {
      this.#nowMs += 1
      if (!on) return
      end()
      wake()
    })
    return end
  }
}
