import type { IdRange } from '../entity/id-range.ts'
import type { TagName } from '../entity/tag.ts'

/** One lease of ids: from the row of a tag, or of what another instance gave back. */
export interface LedgerEntry {
  readonly tag: TagName
  readonly range: IdRange
}

/** An entry as it was found. */
export interface LedgerRecord extends LedgerEntry {
  /** The random name of the instance that leased the ids. */
  readonly instance: string
  /** Where it runs or ran, for people; empty if that is no longer known. */
  readonly address: string
  /** When that was written, by the database's clock, in milliseconds since 1970. */
  readonly leasedAtMs: number
}

/**
 * The record of who leased which ids when.
 *
 * Every method ends after two seconds at most, is harmless when it is executed twice, and throws
 * GolovesError STORE_UNAVAILABLE when the store fails in a way that may pass.
 */
export abstract class LedgerRepository {
  /** Writes entries as leases of this instance. */
  abstract append(entries: readonly LedgerEntry[]): Promise<void>

  /** The last lease that holds an id, if it is on record. */
  abstract find(tag: TagName, id: bigint): Promise<LedgerRecord | undefined>

  /**
   * Removes some of the entries that are older than that, but not the one with a tag's highest ids.
   *
   * @returns Whether there are more.
   */
  abstract prune(ageMs: number): Promise<boolean>
}
