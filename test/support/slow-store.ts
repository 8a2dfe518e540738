import {
  type SegmentLease,
  type SegmentLeaseRequest,
  SegmentRepository,
} from '../../internal/domain/generator/segment-repository.ts'
import type { Clock } from '../../pkg/clock/clock.ts'

/** A store of one tag that takes its time for a lease. */
export class SlowStore extends SegmentRepository {
  /** How many leases were made. */
  leases = 0
  readonly #clock: Clock
  readonly #takesMs: number
  #maxId: bigint

  constructor(clock: Clock, takesMs: number, maxId: bigint) {
    super()
    this.#clock = clock
    this.#takesMs = takesMs
    this.#maxId = maxId
  }

  override async lease({ size }: SegmentLeaseRequest): Promise<SegmentLease> {
    await this.#clock.sleep(this.#takesMs)
    this.leases += 1
    const offset = this.#maxId
    this.#maxId += size
    return { offset, maxId: this.#maxId }
  }
}
