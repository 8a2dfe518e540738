import { tagInvalid } from '../../../pkg/errors/failures.ts'
import type { SnowflakeLayout } from './snowflake-layout.ts'

declare const brand: unique symbol

/** The name of one independent sequence of ids (`biz_tag`), already checked by `parseTagName`. */
export type TagName = string & { readonly [brand]: 'TagName' }

/** The highest id there can be: what fits a signed 64-bit integer, in every language and store. */
export const MAX_ID = 2n ** 63n - 1n

/** The snowflake tag that a store has from its beginning, and whose ids Leaf's paths hand out. */
export const SNOWFLAKE_TAG = 'snowflake'

/** The longest step a row can hold: `leaf_alloc.step` is a signed 32-bit column. */
export const MAX_STEP = 2 ** 31 - 1

const TAG_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/

export function isTagName(text: string): text is TagName {
  return TAG_NAME.test(text)
}

/**
 * @throws GolovesError TAG_INVALID unless `text` is 1 to 128 of `A-Za-z0-9._-`, the first a letter
 * or digit.
 */
export function parseTagName(text: string): TagName {
  if (!isTagName(text)) throw tagInvalid(text)
  return text
}

export type Mode = 'segment' | 'snowflake'

/** How a tag keeps ids ready: two segments as in Leaf, or a chain of them as in CosId. */
export type BufferKind = 'chain' | 'double'

/** Why a tag hands out nothing: an operator said so, or its store lost ids that were given out. */
export type Freeze =
  | { readonly reason: 'operator' }
  | { readonly reason: 'went-backwards'; readonly above: bigint }

/** A tag as its store knows it. */
export interface Tag {
  readonly name: TagName
  readonly mode: Mode
  /**
   * How the ids of a snowflake tag are put together; undefined for mode segment. A snowflake tag
   * leases no ids: its `step` and `maxId` are 0, and it has no `buffer` and no `description`.
   */
  readonly layout: SnowflakeLayout | undefined
  /** `leaf_alloc.step`: how many ids one lease takes at least. */
  readonly step: number
  /** The highest id leased so far (`leaf_alloc.max_id`). */
  readonly maxId: bigint
  /** The highest id that may ever leave, inclusive. */
  readonly maxValue: bigint
  /** Undefined: as the settings say. */
  readonly buffer: BufferKind | undefined
  readonly description: string
  readonly freeze: Freeze | undefined
  /**
   * The highest id of the tags of this name that were deleted (their tombstone), 0 if there were
   * none. A tag whose `maxId` is below it has gone backwards.
   */
  readonly deletedMaxId: bigint
  /**
   * What was leased under an older generation must not leave any more (safety: freeze, raise,
   * delete).
   */
  readonly generation: bigint
  /** Why its rows can't be read, if so. Then all but the name is made up. */
  readonly fault?: string
  /** Rises with each change of the tag, so that two people who change it at once notice. */
  readonly version: bigint
}
