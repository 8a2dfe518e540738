import type { SnowflakeLayout } from '../entity/snowflake-layout.ts'
import type { BufferKind, Tag, TagName } from '../entity/tag.ts'

export interface NewTag {
  readonly name: TagName
  /** Makes it a snowflake tag, of which nothing else is stored. */
  readonly layout: SnowflakeLayout | undefined
  readonly step: number
  /** The first id will be above this. */
  readonly maxId: bigint
  readonly maxValue: bigint
  readonly buffer: BufferKind | undefined
  readonly description: string
}

/** What to change; a field left out stays as it is. */
export interface TagChanges {
  readonly step?: number | undefined
  readonly maxValue?: bigint | undefined
  readonly buffer?: BufferKind | undefined
  readonly description?: string | undefined
}

/** So many tags are read in one statement at most. */
export const TAGS_PER_READ = 500

/**
 * The tags of the store: the rows of `leaf_alloc` joined with what `leaf_tag` adds to them, and the
 * rows of `leaf_tag` that are snowflake tags.
 *
 * Every method throws GolovesError STORE_UNAVAILABLE when the store fails in a way that may pass.
 * Whatever changes a tag throws TAG_OPTION_INVALID if its rows can't be read.
 */
export abstract class TagRepository {
  /** What one plain read of many tags shows. Absence is a hint only: a stale node misses rows. */
  abstract findAll(names: readonly TagName[]): Promise<ReadonlyMap<TagName, Tag>>

  /** As `findAll`, of one tag. */
  async find(name: TagName): Promise<Tag | undefined> {
    return (await this.findAll([name])).get(name)
  }

  /**
   * Reads many tags inside a transaction that also writes (that this instance was seen) and
   * commits, so that a node which no longer belongs to its cluster fails here instead of answering
   * from its past. Its answer is believed: a name missing from the result is gone.
   */
  abstract confirm(names: readonly TagName[]): Promise<ReadonlyMap<TagName, Tag>>

  /**
   * At most `limit` tags in byte order of their names, the first one above `after` (from the start
   * if that is empty).
   */
  abstract list(after: string, limit: number): Promise<readonly Tag[]>

  /**
   * Where a tombstone stands, the new tag starts at the tombstone's highest id or at `maxId`,
   * whichever is higher.
   *
   * @throws GolovesError TAG_ALREADY_EXISTS; TAG_OPTION_INVALID if that is above `maxValue`, or if the
   * deleted tag was of another mode or layout: ids were given out under it.
   */
  abstract create(tag: NewTag): Promise<Tag>

  /**
   * Lowering `maxValue` bumps the generation, so that ids above it in any memory are dropped.
   *
   * @throws GolovesError TAG_NOT_FOUND; TAG_CONFLICT unless `version` is the tag's;
   * TAG_OPTION_INVALID when the new `maxValue` is below what has been leased, or for an option that a
   * snowflake tag does not have.
   */
  abstract update(name: TagName, version: bigint, changes: TagChanges): Promise<Tag>

  /**
   * Sets `max_id` to `above` if it is lower (never the other way) and bumps the generation. Lifts a
   * went-backwards freeze if `max_id` is now at or above the value it was frozen with.
   *
   * @throws GolovesError TAG_NOT_FOUND; TAG_OPTION_INVALID when `above` is past `maxValue`;
   * MODE_MISMATCH for a snowflake tag.
   */
  abstract raise(name: TagName, above: bigint): Promise<Tag>

  /** Freezes by an operator's word and bumps the generation. @throws GolovesError TAG_NOT_FOUND. */
  abstract freeze(name: TagName): Promise<Tag>

  /**
   * Lifts an operator's freeze. @throws GolovesError TAG_NOT_FOUND; STORE_WENT_BACKWARDS for a
   * went-backwards freeze, which only `raise` lifts.
   */
  abstract unfreeze(name: TagName): Promise<Tag>

  /**
   * Freezes a tag whose store has lost ids up to `above`, for all instances, and bumps the
   * generation past `generation`, which it had when that was noticed (a store that lost commits may
   * have lost generations too). A tag that is frozen for that reason already keeps the higher value.
   *
   * @returns The tag as it is now, a snowflake tag as it was; undefined if it is gone.
   */
  abstract freezeBehind(name: TagName, above: bigint, generation: bigint): Promise<Tag | undefined>

  /** Deletes, and leaves a tombstone with the highest id. @throws GolovesError TAG_NOT_FOUND. */
  abstract delete(name: TagName): Promise<void>
}
