import type { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import type { IdRange } from '../entity/id-range.ts'
import type { TagName } from '../entity/tag.ts'
import type { WorkerHolder } from './worker-repository.ts'

/**
 * Told what happens to the tags and worker ids of an instance, for its log and its metrics. Must
 * return at once and never throw.
 */
export abstract class GeneratorObserver {
  abstract leased(tag: TagName, range: IdRange, tookMs: number): void

  /** An attempt to lease failed; `error` may be one of many with the same cause. */
  abstract failed(tag: TagName, error: GolovesError): void

  /** An attempt to lease succeeded, whether or not one had failed before. */
  abstract recovered(tag: TagName): void

  /** A caller has to wait, since no id of the tag is in memory. */
  abstract callerWaits(tag: TagName): void

  /** The regular look at all tags failed. */
  abstract storeFailed(error: GolovesError): void

  /** The regular look at all tags succeeded after failures. */
  abstract storeAnswered(): void

  /**
   * Ids in memory, or on their way there, will never leave: their tag was deleted, frozen, raised or
   * evicted, or the instance stops.
   */
  abstract dropped(tag: TagName, ids: bigint, why: string): void

  /** A tag is not live any more; `givenOut` of its ids have left since it became so. */
  abstract retired(tag: TagName, givenOut: bigint): void

  /** This instance holds a worker id now. */
  abstract workerHeld(holder: WorkerHolder): void

  /** An attempt to hold a worker id of the layout, or to hold it for longer, failed. */
  abstract workerFailed(layout: string, error: GolovesError): void

  /** Such an attempt succeeded, whether or not one had failed before. */
  abstract workerRecovered(layout: string): void

  /** Leases could not be written: with STORE_UNAVAILABLE they wait, else they are given up. */
  abstract ledgerFailed(error: GolovesError): void

  /** Leases were written to the ledger, whether or not that had failed before. */
  abstract ledgerWritten(): void
}
