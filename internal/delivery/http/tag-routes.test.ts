import { describe, expect, test } from '@jest/globals'
import { liveHttp } from '../../../test/support/live-http.ts'
import { SnowflakeLayout } from '../../domain/entity/snowflake-layout.ts'
import { MAX_ID, parseTagName, type Tag } from '../../domain/entity/tag.ts'
import { type HeldWorker, NOTHING_HELD } from '../../domain/generator/generator-state.ts'
import type { CreateTagRequest } from '../../usecase/tag/create-tag.ts'
import type { TagState } from '../../usecase/tag/get-tag-state.ts'
import type { UpdateTagRequest } from '../../usecase/tag/update-tag.ts'
import type { UseCases } from '../use-cases.ts'

const TAG: Tag = {
  name: parseTagName('order-service'),
  mode: 'segment',
  layout: undefined,
  step: 1000,
  maxId: 2n ** 53n + 1n,
  maxValue: MAX_ID,
  buffer: undefined,
  description: '',
  freeze: undefined,
  deletedMaxId: 0n,
  generation: 3n,
  version: 4n,
}

const TAG_AS_JSON = {
  tag: 'order-service',
  mode: 'segment',
  step: 1000,
  maxId: '9007199254740993',
  maxValue: '9223372036854775807',
  description: '',
  version: '4',
}

test('an owner is asked for by the id as it stands in the query, and may be unknown', async () => {
  const asked: string[][] = []
  const execute = async (...question: string[]) => {
    asked.push(question)
    return { lease: undefined, reachesBackToMs: 5000 }
  }
  const { url } = await liveHttp({ findOwner: { execute } })
  const answer = await fetch(`${url}/v1/tags/a:owner?id=-9223372036854775809`)
  expect(answer.status).toBe(200)
  expect(await answer.json()).toEqual({ reachesBackToMs: 5000 })
  expect(asked).toEqual([['a', '-9223372036854775809']])
  expect((await fetch(`${url}/v1/tags/a:owner`)).status).toBe(400)
})

/** Answers with the tag, and remembers what was asked. */
function remembering() {
  const asked: (CreateTagRequest | UpdateTagRequest | bigint)[] = []
  const useCases: Partial<UseCases> = {
    createTag: {
      execute: async (request) => {
        asked.push(request)
        return TAG
      },
    },
    updateTag: {
      execute: async (request) => {
        asked.push(request)
        return TAG
      },
    },
    raiseTag: {
      execute: async (_tag, above) => {
        asked.push(above)
        return { tag: TAG, holdsFromMs: 5000 }
      },
    },
  }
  return { asked, useCases }
}

async function send(method: string, url: string, body: string) {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(url, { method, headers, body })
  const value: unknown = await answer.json()
  return { status: answer.status, location: answer.headers.get('location'), value }
}

describe('a tag as JSON', () => {
  test('has its ids as strings and leaves out what is not set', async () => {
    const { url } = await liveHttp({ getTag: { execute: async () => TAG } })
    const answer = await fetch(`${url}/v1/tags/order-service`)
    expect(await answer.json()).toEqual(TAG_AS_JSON)
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  test('says why it is frozen and what it must be raised above', async () => {
    const freeze = { reason: 'went-backwards', above: MAX_ID } as const
    const getTag = { execute: async (): Promise<Tag> => ({ ...TAG, buffer: 'double', freeze }) }
    const { url } = await liveHttp({ getTag })
    expect(await (await fetch(`${url}/v1/tags/order-service`)).json()).toEqual({
      ...TAG_AS_JSON,
      buffer: 'double',
      freezeReason: 'went-backwards',
      frozenAbove: '9223372036854775807',
    })
  })

  test('of snowflake mode has a layout and its end, and nothing that is of segments', async () => {
    const layout = SnowflakeLayout.parse('twitter')
    const nothing = { step: 0, maxId: 0n, description: '' }
    const getTag = {
      execute: async (): Promise<Tag> => ({ ...TAG, mode: 'snowflake', layout, ...nothing }),
    }
    const { url } = await liveHttp({ getTag })
    expect(await (await fetch(`${url}/v1/tags/order-service`)).json()).toEqual({
      tag: 'order-service',
      mode: 'snowflake',
      layout: 'twitter',
      layoutEndsAt: '2080-07-10T17:30:30.208Z',
      version: '4',
    })
  })
})

/** A state of one instance that never was asked for ids. */
function stateOf(worker?: HeldWorker): TagState {
  const held = { instance: 'i', ...NOTHING_HELD, worker }
  return { ...held, instances: [held], silentInstances: 0 }
}

test('a state tells which worker id is held, of the service and of each instance', async () => {
  const state = stateOf({ worker: 1023, epoch: 2n ** 62n, reservedUntilMs: 1_795_219_200_000 })
  const { url } = await liveHttp({ getTagState: { execute: async () => state } })
  const worker = { worker: 1023, epoch: '4611686018427387904', reservedUntilMs: 1795219200000 }
  expect(await (await fetch(`${url}/v1/tags/a:state`)).json()).toMatchObject({
    worker,
    instances: [{ worker }],
  })
})

test('a state leaves out what is not known', async () => {
  const { url } = await liveHttp({ getTagState: { execute: async () => stateOf() } })
  const nothing = { instance: 'i', ranges: [], waiters: 0, idsPerSecond: 0 }
  expect(await (await fetch(`${url}/v1/tags/a:state`)).json()).toEqual({
    ...nothing,
    instances: [nothing],
    silentInstances: 0,
  })
})

describe('creating and changing', () => {
  test('a created tag says where it is', async () => {
    const { asked, useCases } = remembering()
    const { url } = await liveHttp(useCases)
    const body = '{"tag":"order-service","step":5,"maxId":"9007199254740993","maxValue":7}'
    expect(await send('POST', `${url}/v1/tags`, body)).toEqual({
      status: 201,
      location: '/v1/tags/order-service',
      value: TAG_AS_JSON,
    })
    expect(asked).toEqual([{ tag: 'order-service', step: 5, maxId: 2n ** 53n + 1n, maxValue: 7n }])
  })

  test('mode and layout reach the use case', async () => {
    const { asked, useCases } = remembering()
    const { url } = await liveHttp(useCases)
    await send('POST', `${url}/v1/tags`, '{"tag":"a","mode":"snowflake","layout":"js-safe"}')
    expect(asked).toEqual([{ tag: 'a', mode: 'snowflake', layout: 'js-safe' }])
  })

  test.each(['"4"', '4'])('a version of %s is taken', async (version) => {
    const { asked, useCases } = remembering()
    const { url } = await liveHttp(useCases)
    await send('PATCH', `${url}/v1/tags/a`, `{"version":${version},"description":"x"}`)
    expect(asked).toEqual([{ tag: 'a', version: 4n, description: 'x' }])
  })

  test.each([
    ['POST', '/v1/tags', '{"tag":5}', 'tag: '],
    ['POST', '/v1/tags', '{}', 'tag: '],
    ['POST', '/v1/tags', '{"tag":"a","version":"1"}', '"version"'],
    ['POST', '/v1/tags', '{"tag":"a","step":"5"}', 'step: '],
    ['POST', '/v1/tags', '{"tag":"a","step":null}', 'step: '],
    [
      'POST',
      '/v1/tags',
      '{"tag":"a","maxValue":9007199254740993}',
      'maxValue: expected the digits',
    ],
    ['POST', '/v1/tags', '{"tag":"a","maxId":1.5}', 'maxId: expected the digits'],
    ['POST', '/v1/tags', '{"tag":"a","buffer":"both"}', 'buffer: '],
    ['POST', '/v1/tags', '{"tag":"a","mode":"SNOWFLAKE"}', 'mode: '],
    ['POST', '/v1/tags', '{"tag":"a","layout":41}', 'layout: '],
    ['POST', '/v1/tags', '{"tag":"a","description":["x"]}', 'description: '],
    ['PATCH', '/v1/tags/a', '{"step":5}', 'version: expected the digits'],
    ['PATCH', '/v1/tags/a', '{"version":"1","mode":"snowflake"}', '"mode"'],
    ['PATCH', '/v1/tags/a', '{"version":"1","layout":"twitter"}', '"layout"'],
    ['PATCH', '/v1/tags/a', '{"version":"-1"}', 'version'],
    ['PATCH', '/v1/tags/a', '{"version":"9223372036854775808"}', 'version'],
    ['POST', '/v1/tags/a:raise', '{}', 'above: expected the digits'],
    ['POST', '/v1/tags/a:raise', '{"above":1e300}', 'above: expected the digits'],
  ])('%s %s %s is refused by name', async (method, path, body, name) => {
    const { asked, useCases } = remembering()
    const { url } = await liveHttp(useCases)
    const { status, value } = await send(method, url + path, body)
    expect(status).toBe(400)
    expect(value).toMatchObject({ code: 'REQUEST_INVALID', detail: expect.stringContaining(name) })
    expect(asked).toEqual([])
  })

  test('options that only the use case can judge reach it', async () => {
    const { asked, useCases } = remembering()
    const { url } = await liveHttp(useCases)
    await send('POST', `${url}/v1/tags`, '{"tag":"","step":1.5,"maxValue":"9223372036854775808"}')
    await send('POST', `${url}/v1/tags/a:raise`, '{"above":"-1"}')
    expect(asked).toEqual([{ tag: '', step: 1.5, maxValue: 2n ** 63n }, -1n])
  })
})

describe('listing', () => {
  async function listed(query: string) {
    const asked: unknown[] = []
    const listTags = {
      execute: async (...page: unknown[]) => {
        asked.push(...page)
        return { tags: [TAG], nextPageToken: 'order-service' }
      },
    }
    const { url } = await liveHttp({ listTags })
    const value: unknown = await (await fetch(`${url}/v1/tags${query}`)).json()
    return { asked, value }
  }

  test('gives a page and where the next begins', async () => {
    const { value } = await listed('')
    expect(value).toEqual({ tags: [TAG_AS_JSON], nextPageToken: 'order-service' })
  })

  test.each([
    ['', [0, '']],
    ['?pageSize=5&pageToken=a%20b', [5, 'a b']],
    ['?pageSize=1001', [1001, '']],
  ])('with "%s" reaches the use case', async (query, page) => {
    expect((await listed(query)).asked).toEqual(page)
  })

  test.each([
    ['?pageSize=x', 'pageSize: '],
    ['?pageSize=1.5', 'pageSize: '],
    ['?pageSize=-1', 'pageSize: '],
    ['?pageSize=1&pageSize=2', 'pageSize: '],
    ['?page=2', '"page"'],
  ])('with "%s" is refused by name', async (query, name) => {
    const { asked, value } = await listed(query)
    expect(value).toMatchObject({ code: 'REQUEST_INVALID', detail: expect.stringContaining(name) })
    expect(asked).toEqual([])
  })
})
