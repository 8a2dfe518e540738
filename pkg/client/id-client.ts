import type { IdRange as Range } from '../../internal/domain/entity/id-range.ts'

/** Ids at one distance, `step`, from each other: both ends inclusive, `first <= last`. */
export type IdRange = Required<Range>

/** What a snowflake id is made of. */
export interface DecodedId {
  /** When its tick began, in milliseconds since 1970. */
  readonly timeMs: number
  readonly worker: number
  readonly sequence: number
}

/** What became of a client that was closed. */
export interface Closed {
  /** How many ids it held that nobody will get. */
  readonly dropped: number
}

/**
 * A client of the service. Every method rejects with a GolovesError and nothing else, whichever way
 * and transport it took, at the deadline at the latest; a tag that can't be one is TAG_INVALID.
 */
export interface IdClient {
  /** The next id of a tag. */
  nextId(tag: string): Promise<bigint>

  /** Exactly `count` ids, all or nothing. `idsIn` counts them up. */
  nextIds(tag: string, count: number): Promise<readonly IdRange[]>

  /** Reads an id of a snowflake tag back into its parts. */
  decode(tag: string, id: bigint): Promise<DecodedId>

  /**
   * Ends the client: whoever waits, and whoever asks later, is told SHUTTING_DOWN. What it had asked
   * for and not received is a gap.
   */
  close(): Promise<Closed>
}

/** A client that keeps ids ahead. */
export interface LeaseIdClient extends IdClient {
  /**
   * The next id, if one is in memory; else undefined, while more are on their way. `nextId` tells
   * what keeps them.
   *
   * @throws GolovesError TAG_INVALID; SHUTTING_DOWN once the client is closed.
   */
  nextIdNow(tag: string): bigint | undefined
}

/** The ids of some ranges, one by one, in their order. */
export function* idsIn(ranges: readonly Range[]): Generator<bigint, void> {
  for (const { first, last, step = 1n } of ranges) {
    for (let id = first; id <= last; id += step) yield id
  }
}
