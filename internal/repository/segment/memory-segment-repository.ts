import { storeUnavailable } from '../../../pkg/errors/failures.ts'
import {
  type SegmentLease,
  type SegmentLeaseRequest,
  SegmentRepository,
} from '../../domain/generator/segment-repository.ts'
import type { MemoryStore } from '../memory-store.ts'
import { highestOffset } from './lease-range.ts'

/** Leases from a `MemoryStore`. */
export class MemorySegmentRepository extends SegmentRepository {
  readonly #store: MemoryStore

  constructor(store: MemoryStore) {
    super()
    this.#store = store
  }

  async lease(
    request: SegmentLeaseRequest,
    signal: AbortSignal,
  ): Promise<SegmentLease | undefined> {
    if (signal.aborted) throw storeUnavailable(0, signal.reason)
    const row = this.#store.allocs.get(request.tag)
    if (row === undefined || row.step !== request.knownStep) return undefined
    if (this.#store.row(request.tag).generation !== request.generation) return undefined
    const offset = row.maxId
    if (offset < 0n || offset > highestOffset(request)) return undefined
    const maxId = offset + request.size
    this.#store.allocs.set(request.tag, { ...row, maxId })
    return { offset, maxId }
  }
}
