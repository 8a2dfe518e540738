import { z } from 'zod'
import { requestInvalid } from '../../../pkg/errors/failures.ts'
import { MAX_ID, type Tag } from '../../domain/entity/tag.ts'
import type { UseCases } from '../use-cases.ts'
import type { HttpCall } from './http-call.ts'
import { checked, exactNumber } from './json-body.ts'
import { created, json, noContent, type Reply } from './reply.ts'
import type { Route } from './route.ts'
import { ownerJson, tagJson, tagStateJson } from './tag-json.ts'

const options = {
  step: z.number().optional(),
  maxValue: exactNumber.optional(),
  buffer: z.enum(['chain', 'double']).optional(),
  description: z.string().optional(),
}
const CreateBody = z.strictObject({
  tag: z.string(),
  mode: z.enum(['segment', 'snowflake']).optional(),
  layout: z.string().optional(),
  maxId: exactNumber.optional(),
  ...options,
})
const UpdateBody = z.strictObject({ version: exactNumber, ...options })
const RaiseBody = z.strictObject({ above: exactNumber })
const ListQuery = z.strictObject({
  pageSize: z
    .string()
    .regex(/^\d{1,9}$/, 'expected a whole number')
    .default('0'),
  pageToken: z.string().default(''),
})
const OwnerQuery = z.strictObject({ id: z.string() })

/** The routes that read and change tags. */
export function tagRoutes(useCases: UseCases): Route[] {
  return [
    { method: 'GET', path: '/v1/tags', handle: list },
    { method: 'POST', path: '/v1/tags', handle: create },
    { method: 'GET', path: '/v1/tags/{tag}', handle: get },
    { method: 'PATCH', path: '/v1/tags/{tag}', handle: update },
    { method: 'DELETE', path: '/v1/tags/{tag}', handle: remove },
    { method: 'POST', path: '/v1/tags/{tag}:raise', handle: raise },
    { method: 'POST', path: '/v1/tags/{tag}:freeze', handle: freeze },
    { method: 'POST', path: '/v1/tags/{tag}:unfreeze', handle: unfreeze },
    { method: 'GET', path: '/v1/tags/{tag}:state', handle: state },
    { method: 'GET', path: '/v1/tags/{tag}:owner', handle: owner },
  ]

  async function list(call: HttpCall): Promise<Reply> {
    const { pageSize, pageToken } = checked(ListQuery, 'The query', call.query)
    const page = await call.inTime(useCases.listTags.execute(Number(pageSize), pageToken))
    return json({ tags: page.tags.map(tagJson), nextPageToken: page.nextPageToken })
  }

  async function create(call: HttpCall): Promise<Reply> {
    const request = checked(CreateBody, 'The body', call.body)
    const tag = await call.inTime(useCases.createTag.execute(request))
    return created(`/v1/tags/${tag.name}`, tagJson(tag))
  }

  async function get(call: HttpCall): Promise<Reply> {
    return tagReply(await call.inTime(useCases.getTag.execute(call.tag)))
  }

  async function update(call: HttpCall): Promise<Reply> {
    const changes = checked(UpdateBody, 'The body', call.body)
    if (changes.version < 0n || changes.version > MAX_ID) {
      throw requestInvalid('The version is none that a tag can have.')
    }
    return tagReply(await call.inTime(useCases.updateTag.execute({ tag: call.tag, ...changes })))
  }

  async function remove(call: HttpCall): Promise<Reply> {
    call.expectNoBody()
    await call.inTime(useCases.deleteTag.execute(call.tag))
    return noContent()
  }

  async function raise(call: HttpCall): Promise<Reply> {
    const { above } = checked(RaiseBody, 'The body', call.body)
    const { tag, holdsFromMs } = await call.inTime(useCases.raiseTag.execute(call.tag, above))
    return json({ tag: tagJson(tag), holdsFromMs })
  }

  async function freeze(call: HttpCall): Promise<Reply> {
    call.expectNoBody()
    return tagReply(await call.inTime(useCases.freezeTag.execute(call.tag)))
  }

  async function unfreeze(call: HttpCall): Promise<Reply> {
    call.expectNoBody()
    return tagReply(await call.inTime(useCases.unfreezeTag.execute(call.tag)))
  }

  async function state(call: HttpCall): Promise<Reply> {
    return json(tagStateJson(await useCases.getTagState.execute(call.tag, call)))
  }

  async function owner(call: HttpCall): Promise<Reply> {
    const { id } = checked(OwnerQuery, 'The query', call.query)
    return json(ownerJson(await call.inTime(useCases.findOwner.execute(call.tag, id))))
  }
}

function tagReply(tag: Tag): Reply {
  return json(tagJson(tag))
}
