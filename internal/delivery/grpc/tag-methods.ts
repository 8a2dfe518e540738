import type { Tag } from '../../domain/entity/tag.ts'
import type { UseCases } from '../use-cases.ts'
import type { Method } from './method.ts'
import {
  type CreateTagMessage,
  createTagRequest,
  type FindOwnerMessage,
  type ListTagsMessage,
  type OwnerMessage,
  ownerMessage,
  type RaiseTagMessage,
  type TagMessage,
  type TagRequest,
  type TagStateMessage,
  tagMessage,
  tagStateMessage,
  type UpdateTagMessage,
  updateTagRequest,
} from './tag-messages.ts'

interface TagResponse {
  readonly tag: TagMessage
}

interface ListTagsResponse {
  readonly tags: readonly TagMessage[]
  readonly nextPageToken: string
}

interface RaiseTagResponse extends TagResponse {
  readonly holdsFromMs: number
}

export interface TagMethods {
  readonly createTag: Method<CreateTagMessage, TagResponse>
  readonly getTag: Method<TagRequest, TagResponse>
  readonly listTags: Method<ListTagsMessage, ListTagsResponse>
  readonly updateTag: Method<UpdateTagMessage, TagResponse>
  readonly raiseTag: Method<RaiseTagMessage, RaiseTagResponse>
  readonly freezeTag: Method<TagRequest, TagResponse>
  readonly unfreezeTag: Method<TagRequest, TagResponse>
  readonly deleteTag: Method<TagRequest, object>
  readonly getTagState: Method<TagRequest, TagStateMessage>
  readonly findOwner: Method<FindOwnerMessage, OwnerMessage>
}

/** The RPCs of TagService. */
export function tagMethods(
  useCases: Omit<UseCases, 'nextId' | 'nextIds' | 'decodeId'>,
): TagMethods {
  return {
    createTag: (message) => useCases.createTag.execute(createTagRequest(message)).then(response),
    getTag: ({ tag }) => useCases.getTag.execute(tag).then(response),
    listTags: async ({ pageSize, pageToken }) => {
      const { tags, nextPageToken } = await useCases.listTags.execute(pageSize, pageToken)
      return { tags: tags.map(tagMessage), nextPageToken }
    },
    updateTag: (message) => useCases.updateTag.execute(updateTagRequest(message)).then(response),
    raiseTag: async ({ tag, above }) => {
      const raised = await useCases.raiseTag.execute(tag, BigInt(above))
      return { ...response(raised.tag), holdsFromMs: raised.holdsFromMs }
    },
    freezeTag: ({ tag }) => useCases.freezeTag.execute(tag).then(response),
    unfreezeTag: ({ tag }) => useCases.unfreezeTag.execute(tag).then(response),
    deleteTag: async ({ tag }) => {
      await useCases.deleteTag.execute(tag)
      return {}
    },
    getTagState: async ({ tag }, caller) =>
      tagStateMessage(await useCases.getTagState.execute(tag, caller)),
    findOwner: async ({ tag, id }) => ownerMessage(await useCases.findOwner.execute(tag, id)),
  }
}

function response(tag: Tag): TagResponse {
  return { tag: tagMessage(tag) }
}
