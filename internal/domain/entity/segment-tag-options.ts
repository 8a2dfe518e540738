import { tagOptionInvalid } from '../../../pkg/errors/failures.ts'
import { MAX_ID, type Tag, type TagName } from './tag.ts'

/** What a segment tag has and a snowflake tag, which leases no ids, has not. With the names people know. */
const OPTIONS = [
  ['step', 'step'],
  ['maxId', 'max_id'],
  ['maxValue', 'max_value'],
  ['buffer', 'buffer'],
  ['description', 'description'],
] as const

type Option = (typeof OPTIONS)[number][0]

/** The part of a tag that only segment mode has a use for. */
export type SegmentTagOptions = Pick<Tag, Option>

/** What stands in a snowflake tag in their place. */
export const NO_SEGMENT_OPTIONS: SegmentTagOptions = {
  step: 0,
  maxId: 0n,
  maxValue: MAX_ID,
  buffer: undefined,
  description: '',
}

/**
 * @param wanted What somebody wants a snowflake tag to have.
 * @throws GolovesError TAG_OPTION_INVALID naming the first option that such a tag has not.
 */
export function refuseSegmentOptions(
  tag: TagName,
  wanted: { readonly [O in Option]?: Tag[O] | undefined },
): void {
  for (const [option, name] of OPTIONS) {
    if (wanted[option] !== undefined && wanted[option] !== NO_SEGMENT_OPTIONS[option]) {
      throw tagOptionInvalid(tag, `a snowflake tag has no ${name}`)
    }
  }
}
