import type { IdRange } from '../entity/id-range.ts'
import type { TagName } from '../entity/tag.ts'

/** A lease of this instance: from the row of a tag, or of what another instance gave back. */
export interface LedgerEntry {
  readonly tag: TagName
  readonly range: IdRange
  /** How many milliseconds ago it was made. */
  readonly ageMs: number
}

/** A lease as it was found. */
export interface LedgerRecord {
  readonly range: IdRange
  /** The random name of the instance that leased the ids. */
  readonly instance: string
  /** Where it runs or ran, for people; empty if that is no longer known. */
  readonly address: string
  /**
   * When that was, in milliseconds since 1970 by the database's clock: up to two seconds late, for so
   * long an entry may have been on its way.
   */
  readonly leasedAtMs: number
}

/**
 * The record of who leased which ids when.
 *
 * Every method ends after two seconds at most, is harmless when it is executed twice, and throws
 * GolovesError STORE_UNAVAILABLE when the store fails in a way that may pass.
 */
export abstract class LedgerRepository {
  /** Writes leases down. Those that are on record stay as they are. */
  abstract append(entries: readonly LedgerEntry[]): Promise<void>

  /**
   * The last lease of an id, if it is on record. Where ids were given back, those who leased them
   * later hold the end of a range that is on record already; so the one that begins last is the last.
   */
  abstract find(tag: TagName, id: bigint): Promise<LedgerRecord | undefined>

  /**
   * Removes some of the leases that are older than that, but not the one with a tag's highest ids, and
   * some of the instances that nobody has seen for as long.
   *
   * @returns Whether there may be more.
   */
  abstract prune(ageMs: number): Promise<boolean>
}
