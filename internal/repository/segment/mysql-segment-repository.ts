import {
  type SegmentLease,
  type SegmentLeaseRequest,
  SegmentRepository,
} from '../../domain/generator/segment-repository.ts'
import type { Database, StoreLogger } from '../database/database.ts'
import { leaseOf } from './lease-range.ts'
import { oneStatementLease } from './mysql-lease-statement.ts'
import { TransactionSegmentRepository } from './transaction-segment-repository.ts'

/**
 * Leases with one autocommitted statement. A server that does not report the new value with it (a
 * trigger on `leaf_alloc` is enough) is asked by transactions from then on.
 */
export class MysqlSegmentRepository extends SegmentRepository {
  readonly #database: Database
  readonly #logger: StoreLogger
  readonly #transactions: TransactionSegmentRepository
  #reportsNewValue = true

  constructor(database: Database, logger: StoreLogger) {
    super()
    this.#database = database
    this.#logger = logger
    this.#transactions = new TransactionSegmentRepository(database)
  }

  async lease(
    request: SegmentLeaseRequest,
    signal: AbortSignal,
  ): Promise<SegmentLease | undefined> {
    if (this.#reportsNewValue) {
      const { sql, bindings } = oneStatementLease(request)
      const result = await this.#database.run(signal, (session) => session.run(sql, bindings))
      // Without a changed row the insert id is whatever an earlier statement left in the session.
      if (result.changed !== 1) return undefined
      const lease = leaseOf(result.insertId, request)
      if (lease !== undefined) return lease
      // Leased, but nobody knows which range: it is spent.
      this.#reportsNewValue = false
      this.#logger.warn('The server does not report what it leased; leasing by transactions.')
    }
    return await this.#transactions.lease(request, signal)
  }
}
