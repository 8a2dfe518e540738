import type { DecodeId } from '../usecase/idgen/decode-id.ts'
import type { NextId } from '../usecase/idgen/next-id.ts'
import type { NextIds } from '../usecase/idgen/next-ids.ts'
import type { CreateTag } from '../usecase/tag/create-tag.ts'
import type { DeleteTag } from '../usecase/tag/delete-tag.ts'
import type { FindOwner } from '../usecase/tag/find-owner.ts'
import type { FreezeTag } from '../usecase/tag/freeze-tag.ts'
import type { GetTag } from '../usecase/tag/get-tag.ts'
import type { GetTagState } from '../usecase/tag/get-tag-state.ts'
import type { ListTags } from '../usecase/tag/list-tags.ts'
import type { RaiseTag } from '../usecase/tag/raise-tag.ts'
import type { UnfreezeTag } from '../usecase/tag/unfreeze-tag.ts'
import type { UpdateTag } from '../usecase/tag/update-tag.ts'

/** Everything a caller can ask for; each transport offers all of it. */
export interface UseCases {
  readonly nextId: Pick<NextId, 'execute'>
  readonly nextIds: Pick<NextIds, 'execute'>
  readonly decodeId: Pick<DecodeId, 'execute'>
  readonly createTag: Pick<CreateTag, 'execute'>
  readonly getTag: Pick<GetTag, 'execute'>
  readonly listTags: Pick<ListTags, 'execute'>
  readonly updateTag: Pick<UpdateTag, 'execute'>
  readonly raiseTag: Pick<RaiseTag, 'execute'>
  readonly freezeTag: Pick<FreezeTag, 'execute'>
  readonly unfreezeTag: Pick<UnfreezeTag, 'execute'>
  readonly deleteTag: Pick<DeleteTag, 'execute'>
  readonly getTagState: Pick<GetTagState, 'execute'>
  readonly findOwner: Pick<FindOwner, 'execute'>
}
