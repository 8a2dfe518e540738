import type {
  FreeWorker,
  WorkerHolder,
  WorkerPool,
  WorkerReach,
} from '../../internal/domain/generator/worker-repository.ts'
import { MemoryWorkerRepository } from '../../internal/repository/worker/memory-worker-repository.ts'
import { Line, type LineState } from './breakable-store.ts'

/** Leases of worker ids in memory, the ways to which can be broken. */
export class BreakableWorkers extends MemoryWorkerRepository {
  readonly surveys = new Line()
  readonly claims = new Line()
  readonly renewals = new Line()
  readonly releases = new Line()
  /** Which worker ids the surveys were about; undefined stands for all of a pool. */
  readonly surveyed: (number | undefined)[] = []

  override survey(pool: WorkerPool, only?: number) {
    this.surveyed.push(only)
    return this.surveys.pass(() => super.survey(pool, only))
  }

  override claim(holder: WorkerHolder, free: FreeWorker, reach: WorkerReach) {
    return this.claims.pass(() => super.claim(holder, free, reach))
  }

  override renew(holder: WorkerHolder, acked: number, reach: WorkerReach) {
    return this.renewals.pass(() => super.renew(holder, acked, reach))
  }

  override release(holder: WorkerHolder, lastTick: number) {
    return this.releases.pass(() => super.release(holder, lastTick))
  }

  /** How often the store was asked for anything. */
  get calls(): number {
    return this.#lines.reduce((sum, { calls }) => sum + calls, 0)
  }

  /** All of it, as when its server stops. */
  set state(state: LineState) {
    for (const line of this.#lines) line.state = state
  }

  get #lines(): readonly Line[] {
    return [this.surveys, this.claims, this.renewals, this.releases]
  }
}
