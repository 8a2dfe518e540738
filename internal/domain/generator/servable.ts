import {
  modeMismatch,
  storeWentBackwards,
  tagFrozen,
  tagOptionInvalid,
} from '../../../pkg/errors/failures.ts'
import type { Tag } from '../entity/tag.ts'

/**
 * @throws GolovesError for a tag whose row forbids to hand out ids: MODE_MISMATCH, TAG_OPTION_INVALID,
 * TAG_FROZEN or STORE_WENT_BACKWARDS.
 */
export function ensureServable({ name, mode, step, maxId, deletedMaxId, freeze }: Tag): void {
  if (mode !== 'segment') throw modeMismatch(name, mode)
  if (step < 1) throw tagOptionInvalid(name, `its step in leaf_alloc is ${step}, not positive`)
  if (maxId < 0n) throw tagOptionInvalid(name, `its max_id in leaf_alloc is ${maxId}, negative`)
  if (freeze?.reason === 'operator') throw tagFrozen(name)
  if (freeze?.reason === 'went-backwards') throw storeWentBackwards(name, freeze.above)
  if (maxId < deletedMaxId) throw storeWentBackwards(name, deletedMaxId)
}
