import { MAX_ID, type Tag, type TagName } from '../../domain/entity/tag.ts'

/** What a row of `leaf_alloc` holds of a tag. */
export type AllocRow = Pick<Tag, 'maxId' | 'step' | 'description'>

/** What a row of `leaf_tag` adds. It outlives its tag, as the tombstone. */
export type TagRow = Pick<
  Tag,
  'mode' | 'buffer' | 'maxValue' | 'freeze' | 'deletedMaxId' | 'generation' | 'version'
>

/** What no row in `leaf_tag` means. */
export const NO_TAG_ROW: TagRow = {
  mode: 'segment',
  buffer: undefined,
  maxValue: MAX_ID,
  freeze: undefined,
  deletedMaxId: 0n,
  generation: 0n,
  version: 0n,
}

/** A tag as its two rows tell it. */
export function tagOf(name: TagName, alloc: AllocRow, row: TagRow): Tag {
  return { name, ...alloc, ...row }
}
