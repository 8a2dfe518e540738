import type { NextId } from '../usecase/idgen/next-id.ts'
import type { NextIds } from '../usecase/idgen/next-ids.ts'
import type { CreateTag } from '../usecase/tag/create-tag.ts'
import type { DeleteTag } from '../usecase/tag/delete-tag.ts'
import type { FreezeTag } from '../usecase/tag/freeze-tag.ts'
import type { GetTag } from '../usecase/tag/get-tag.ts'
import type { GetTagState } from '../usecase/tag/get-tag-state.ts'
import type { ListTags } from '../usecase/tag/list-tags.ts'
import type { RaiseTag } from '../usecase/tag/raise-tag.ts'
import type { UnfreezeTag } from '../usecase/tag/unfreeze-tag.ts'
import type { UpdateTag } from '../usecase/tag/update-tag.ts'

/** Everything a caller can ask for; each transport offers all of it. */
export interface UseCases {
  readonly nextId: NextId
  readonly nextIds: NextIds
  readonly createTag: CreateTag
  readonly getTag: GetTag
  readonly listTags: ListTags
  readonly updateTag: UpdateTag
  readonly raiseTag: RaiseTag
  readonly freezeTag: FreezeTag
  readonly unfreezeTag: UnfreezeTag
  readonly deleteTag: DeleteTag
  readonly getTagState: GetTagState
}
