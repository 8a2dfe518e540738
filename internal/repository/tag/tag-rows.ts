import { NO_SEGMENT_OPTIONS } from '../../domain/entity/segment-tag-options.ts'
import { MAX_ID, type Tag, type TagName } from '../../domain/entity/tag.ts'

/** What a row of `leaf_alloc` holds of a tag. */
export type AllocRow = Pick<Tag, 'maxId' | 'step' | 'description'>

type TagColumn =
  | 'mode'
  | 'layout'
  | 'buffer'
  | 'maxValue'
  | 'freeze'
  | 'deletedMaxId'
  | 'generation'
  | 'version'

/** What a row of `leaf_tag` holds of a tag. It outlives its tag, as the tombstone. */
export interface TagRow extends Pick<Tag, TagColumn> {
  readonly isDeleted: boolean
}

/** What no row in `leaf_tag` means. */
export const NO_TAG_ROW: TagRow = {
  mode: 'segment',
  layout: undefined,
  buffer: undefined,
  maxValue: MAX_ID,
  freeze: undefined,
  deletedMaxId: 0n,
  generation: 0n,
  version: 0n,
  isDeleted: false,
}

/**
 * The tag that the rows of its name tell of, if they do. A segment tag is there for as long as its row
 * of `leaf_alloc`, whoever wrote that. A snowflake tag has none; one that somebody wrote all the same
 * counts for nothing, also after the tag was deleted, for no other ids may leave under its name.
 */
export function tagOf(name: TagName, alloc: AllocRow | undefined, row: TagRow): Tag | undefined {
  const { isDeleted, ...columns } = row
  if (row.mode === 'segment') return alloc && { name, ...columns, ...alloc }
  return isDeleted ? undefined : { name, ...columns, ...NO_SEGMENT_OPTIONS }
}
