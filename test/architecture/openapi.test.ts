import { describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import { idRoutes } from '../../internal/delivery/http/id-routes.ts'
import { leafRoutes } from '../../internal/delivery/http/leaf-routes.ts'
import { probeRoutes, type Readiness } from '../../internal/delivery/http/probe-routes.ts'
import { problem } from '../../internal/delivery/http/problem.ts'
import { STATUS_OF_CODE } from '../../internal/delivery/http/status.ts'
import { tagRoutes } from '../../internal/delivery/http/tag-routes.ts'
import type { UseCases } from '../../internal/delivery/use-cases.ts'
import { SnowflakeLayout } from '../../internal/domain/entity/snowflake-layout.ts'
import { MAX_ID, parseTagName, type Tag } from '../../internal/domain/entity/tag.ts'
import { NOTHING_HELD } from '../../internal/domain/generator/generator-state.ts'
import { decoded } from '../../internal/usecase/idgen/decode-id.ts'
import type { InstanceState } from '../../internal/usecase/tag/other-instances.ts'
import { ERROR_CODES } from '../../pkg/errors/error-code.ts'
import { storeUnavailable } from '../../pkg/errors/failures.ts'
import { referred, source } from '../documents/openapi-file.ts'
import { liveHttp } from '../support/live-http.ts'

const Media = z.object({ schema: z.json(), example: z.json().optional() })
const Body = z.object({ content: z.record(z.string(), Media).optional() })
const Parameter = z.object({ name: z.string(), in: z.string(), example: z.json().optional() })
const Operation = z.object({
  operationId: z.string(),
  tags: z.array(z.string()),
  parameters: z.array(Parameter).default([]),
  requestBody: Body.optional(),
  responses: z.record(z.string(), Body),
})
const PathItem = z.object({ parameters: z.array(Parameter).default([]) }).catchall(Operation)
const Document = z.object({
  paths: z.record(z.string(), PathItem),
  components: z.object({
    responses: z.object({ Problem: Body }),
    schemas: z.object({ ErrorCode: z.object({ enum: z.array(z.string()), 'x-status': z.json() }) }),
  }),
})

const { paths, components } = Document.parse(inlined(source))

const OPERATIONS = Object.entries(paths).flatMap(([path, { parameters, ...methods }]) =>
  Object.entries(methods).map(([method, operation]) => ({
    ...operation,
    path,
    method: method.toUpperCase(),
    parameters: [...parameters, ...operation.parameters],
  })),
)

describe('the document', () => {
  test('has the routes of the server, no more and no fewer', () => {
    const served = [
      ...idRoutes(EXAMPLES),
      ...leafRoutes(EXAMPLES),
      ...tagRoutes(EXAMPLES),
      ...probeRoutes(
        async () => ({ ready: true }),
        async () => '',
        {},
      ),
    ].map(({ method, path }) => `${method} ${path}`)
    const described = OPERATIONS.map(({ method, path }) => `${method} ${path}`)
    expect(described.sort()).toEqual(served.sort())
  })

  test('names each parameter of a path, and the deadline wherever ids or tags are asked for', () => {
    for (const { path, parameters, tags, operationId: name } of OPERATIONS) {
      const namesIn = (where: string) =>
        parameters.filter((parameter) => parameter.in === where).map((parameter) => parameter.name)
      expect([name, ...namesIn('path')]).toEqual([name, ...(path.match(/(?<=\{)\w+/g) ?? [])])
      const waits = !tags.includes('service')
      expect([name, namesIn('header')]).toEqual([name, waits ? ['Request-Timeout-Ms'] : []])
    }
  })

  test('has the error codes of the service and their statuses, no more and no fewer', () => {
    const { ErrorCode } = components.schemas
    expect(ErrorCode.enum).toEqual(ERROR_CODES)
    expect(ErrorCode['x-status']).toEqual(STATUS_OF_CODE)
  })

  test('shows a problem as the service words it', () => {
    const media = components.responses.Problem.content?.['application/problem+json']
    const { body = '' } = problem(storeUnavailable(1500))
    expect(media?.example).toEqual(JSON.parse(body))
    expect(() => schemaOf(media?.schema).parse(media?.example)).not.toThrow()
  })

  test('has no operation id twice', () => {
    const ids = OPERATIONS.map(({ operationId }) => operationId)
    expect(new Set(ids).size).toBe(ids.length)
  })
})

const SHOWN = OPERATIONS.flatMap(({ responses, ...operation }) =>
  Object.entries(responses)
    .filter(([status]) => status !== 'default')
    .map(([status, { content }]) => ({ ...operation, status, content })),
)

function mediaOf(content: z.output<typeof Body>['content']) {
  return Object.values(content ?? {})[0]
}

describe('a live server answers the example', () => {
  test.each(SHOWN)('$method $path: $status', async ({ status, content, ...question }) => {
    const readiness = async (): Promise<Readiness> =>
      status === '503' ? { ready: false, reason: 'The service is shutting down.' } : { ready: true }
    const { url } = await liveHttp(EXAMPLES, {
      openapi: z.looseObject({}).parse(source),
      readiness,
      metrics: async () => z.string().parse(mediaOf(content)?.example),
    })

    const answer = await ask(url, question)
    expect(String(answer.status)).toBe(status)
    const [[type, media] = []] = Object.entries(content ?? {})
    if (media === undefined) {
      expect(await answer.text()).toBe('')
      return
    }
    expect(answer.headers.get('content-type')).toBe(`${type}; charset=utf-8`)
    const value: unknown = type?.startsWith('text/plain')
      ? await answer.text()
      : await answer.json()
    expect(value).toEqual(question.path === '/openapi.json' ? source : media.example)
    expect(() => schemaOf(media.schema).parse(value)).not.toThrow()
  })
})

test('a live server tells of a worker id as the document says', async () => {
  const worker = { worker: 7, epoch: 2n ** 62n, reservedUntilMs: 1_795_219_200_000 }
  const held = { instance: 'i', ...NOTHING_HELD, worker }
  const state = async () => ({ ...held, instances: [held], silentInstances: 0 })
  const { url } = await liveHttp({ getTagState: { execute: state } })
  const answer: unknown = await (await fetch(`${url}/v1/tags/snowflake:state`)).json()
  expect(answer).toHaveProperty('worker')
  const media = SHOWN.find(({ operationId }) => operationId === 'getTagState')?.content
  const { schema } = media?.['application/json'] ?? {}
  expect(() => schemaOf(schema).parse(answer)).not.toThrow()
})

type Question = Pick<(typeof OPERATIONS)[number], 'path' | 'method' | 'parameters' | 'requestBody'>

/** Asks what the examples of an operation say. */
function ask(url: string, { path, method, parameters, requestBody }: Question) {
  const given = (where: string) =>
    parameters.flatMap(({ name, in: place, example }): [string, string][] =>
      place === where && example !== undefined ? [[name, String(example)]] : [],
    )
  const body = requestBody?.content?.['application/json']?.example
  const filled = given('path').reduce(
    (rest, [name, value]) => rest.replace(`{${name}}`, value),
    path,
  )
  return fetch(`${url}${filled}?${new URLSearchParams(given('query'))}`, {
    method,
    headers: { ...Object.fromEntries(given('header')), 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}

/** The document with each reference replaced by what it refers to. */
function inlined(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(inlined)
  if (typeof node !== 'object' || node === null) return node
  const { $ref, ...rest } = z.looseObject({ $ref: z.string().optional() }).parse(node)
  const own = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, inlined(value)]))
  return $ref === undefined ? own : { ...z.looseObject({}).parse(inlined(referred($ref))), ...own }
}

function schemaOf(schema: unknown): z.ZodType {
  return z.fromJSONSchema(z.looseObject({}).parse(schema))
}

const TWITTER = SnowflakeLayout.parse('twitter')

const TAG: Tag = {
  name: parseTagName('order-service'),
  mode: 'segment',
  layout: undefined,
  step: 1000,
  maxId: 1001n,
  maxValue: MAX_ID,
  buffer: undefined,
  description: 'Orders',
  freeze: undefined,
  deletedMaxId: 0n,
  generation: 0n,
  version: 1n,
}

const SNOWFLAKE_TAG: Tag = {
  ...TAG,
  name: parseTagName('snowflake'),
  mode: 'snowflake',
  layout: TWITTER,
}

const HELD: InstanceState = {
  instance: '7f3a9c',
  ranges: [{ first: 3n, last: 1001n }],
  waiters: 0,
  idsPerSecond: 0.5,
  secondsLeft: 1998,
  lastLease: { range: { first: 2n, last: 1001n }, atMs: 1_795_000_000_000 },
  lastError: 'STORE_UNAVAILABLE',
  worker: undefined,
}

/** Use cases that answer what the document shows, if they are asked what it shows. */
const EXAMPLES: UseCases = {
  nextId: { execute: () => 2n },
  nextIds: { execute: (_tag, count) => [{ first: 3n, last: 2n + count }] },
  decodeId: {
    execute: async (_tag, id) => decoded(TWITTER, id),
  },
  createTag: {
    execute: async ({ tag, step = 0, description = '' }) => {
      return { ...TAG, name: parseTagName(tag), step, description }
    },
  },
  getTag: { execute: async (tag) => ({ ...TAG, name: parseTagName(tag) }) },
  listTags: {
    execute: async (size) => ({
      tags: [TAG, SNOWFLAKE_TAG].slice(0, size),
      nextPageToken: SNOWFLAKE_TAG.name,
    }),
  },
  updateTag: {
    execute: async ({ version, step = 0, buffer }) => {
      return { ...TAG, step, buffer, version: version + 1n }
    },
  },
  raiseTag: {
    execute: async (_tag, above) => ({
      tag: { ...TAG, maxId: above },
      holdsFromMs: 1_795_000_000_000,
    }),
  },
  freezeTag: { execute: async () => ({ ...TAG, freeze: { reason: 'operator' } }) },
  unfreezeTag: { execute: async () => TAG },
  deleteTag: { execute: async () => {} },
  getTagState: {
    execute: async () => ({ ...HELD, instances: [HELD], silentInstances: 0 }),
  },
  findOwner: {
    execute: async () => ({
      lease: {
        range: { first: 2n, last: 1001n },
        instance: '7f3a9c',
        address: 'host-1',
        leasedAtMs: 1_795_000_000_000,
      },
      reachesBackToMs: 1_792_408_000_000,
    }),
  },
}
