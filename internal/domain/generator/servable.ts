import { storeWentBackwards, tagFrozen, tagOptionInvalid } from '../../../pkg/errors/failures.ts'
import type { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import type { Tag } from '../entity/tag.ts'

/**
 * Why no ids may be handed out of a tag with this row, if so: TAG_OPTION_INVALID, TAG_FROZEN or
 * STORE_WENT_BACKWARDS.
 */
export function refusalOf(tag: Tag): GolovesError | undefined {
  const { name, layout, step, maxId, deletedMaxId, freeze, fault } = tag
  if (fault !== undefined) return tagOptionInvalid(name, fault)
  if (layout === undefined && step < 1)
    return tagOptionInvalid(name, `its step in leaf_alloc is ${step}, not positive`)
  if (maxId < 0n) return tagOptionInvalid(name, `its max_id in leaf_alloc is ${maxId}, negative`)
  if (freeze?.reason === 'operator') return tagFrozen(name)
  if (freeze?.reason === 'went-backwards') return storeWentBackwards(name, freeze.above)
  if (maxId < deletedMaxId) return storeWentBackwards(name, deletedMaxId)
  return undefined
}

/** @throws GolovesError `refusalOf` the tag, if there is one. */
export function ensureServable(tag: Tag): void {
  const refusal = refusalOf(tag)
  if (refusal !== undefined) throw refusal
}
