import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { KNOWN_TAG } from '../../../test/contract/error-cases.ts'
import { refusal } from '../../../test/support/grpc-client.ts'
import { type GrpcRig, grpcRig, TAG } from '../../../test/support/grpc-rig.ts'
import { SnowflakeLayout } from '../../domain/entity/snowflake-layout.ts'
import type { Tag } from '../../domain/entity/tag.ts'
import type { CreateTagRequest } from '../../usecase/tag/create-tag.ts'
import type { UpdateTagRequest } from '../../usecase/tag/update-tag.ts'

const TAG_ON_THE_WIRE = {
  tag: KNOWN_TAG,
  mode: 'MODE_SEGMENT',
  step: '1000',
  maxId: '4611686018427387904',
  maxValue: '9223372036854775807',
  buffer: 'BUFFER_DOUBLE',
  description: 'Orders.',
  freezeReason: 'FREEZE_REASON_WENT_BACKWARDS',
  frozenAbove: '4611686018427387905',
  version: '7',
  layout: '',
  layoutEndsAtMs: '0',
}

describe('over the wire', () => {
  let rig: GrpcRig
  const asked: unknown[] = []
  const heard = async (request: unknown) => {
    asked.push(request)
    return TAG
  }
  beforeAll(async () => {
    rig = await grpcRig({ createTag: { execute: heard }, updateTag: { execute: heard } })
  })
  afterAll(() => rig.stop())

  const askTags = (rpc: string, request: object) =>
    rig.client.ask(`goloves.v1.TagService/${rpc}`, request)

  test('IdService hands out one id, many ids and the next one', async () => {
    const ask = (rpc: string, request: object) =>
      rig.client.ask(`goloves.v1.IdService/${rpc}`, request)
    expect(await ask('NextId', { tag: KNOWN_TAG })).toEqual({ id: '1' })
    expect(await ask('NextIds', { tag: KNOWN_TAG, count: 100 })).toEqual({
      ranges: [{ first: '2', last: '101', step: '1' }],
    })
    expect(await ask('NextId', { tag: KNOWN_TAG })).toEqual({ id: '102' })
  })

  test.each(['CreateTag', 'GetTag', 'UpdateTag', 'FreezeTag', 'UnfreezeTag'])(
    '%s answers with the whole tag',
    async (rpc) => {
      expect(await askTags(rpc, { tag: KNOWN_TAG })).toEqual({ tag: TAG_ON_THE_WIRE })
    },
  )

  test('RaiseTag tells from when it holds', async () => {
    expect(await askTags('RaiseTag', { tag: KNOWN_TAG, above: '9' })).toEqual({
      tag: TAG_ON_THE_WIRE,
      holdsFromMs: '1700000000000',
    })
  })

  test('ListTags answers with a page and where the next begins', async () => {
    expect(await askTags('ListTags', {})).toEqual({
      tags: [TAG_ON_THE_WIRE],
      nextPageToken: KNOWN_TAG,
    })
  })

  test('DeleteTag answers with nothing', async () => {
    expect(await askTags('DeleteTag', { tag: KNOWN_TAG })).toEqual({})
  })

  test('DecodeId tells what an id is made of', async () => {
    const id = { tag: KNOWN_TAG, id: '9223372036854775807' }
    expect(await rig.client.ask('goloves.v1.IdService/DecodeId', id)).toEqual({
      timeMs: '1700000000000',
      worker: '1023',
      sequence: '4095',
    })
  })

  test('FindOwner tells who leased an id', async () => {
    expect(await askTags('FindOwner', { tag: KNOWN_TAG, id: 5 })).toEqual({
      lease: {
        range: { first: '1', last: '9223372036854775807', step: '1' },
        instance: 'quiet-otter',
        address: 'host-1',
        leasedAtMs: '1700000000000',
      },
      reachesBackToMs: '1600000000000',
    })
  })

  test('GetTagState tells what the service holds, and each of its instances', async () => {
    const held = {
      instance: 'quiet-otter',
      ranges: [{ first: '1', last: '9223372036854775807', step: '1' }],
      waiters: '3',
      idsPerSecond: 1.5,
      secondsLeft: 60,
      lastLease: { first: '1', last: '9', step: '1' },
      lastLeaseAtMs: '1700000000000',
      lastError: 'STORE_UNAVAILABLE',
      worker: { worker: '1023', epoch: '4611686018427387904', reservedUntilMs: '1700000000000' },
    }
    const state = { ...held, instances: [held], silentInstances: '1' }
    expect(await askTags('GetTagState', { tag: KNOWN_TAG })).toMatchObject(state)
  })

  test.each([
    ['nothing but a name', { tag: 'a' }, { tag: 'a' }],
    [
      'everything',
      {
        tag: 'a',
        step: 5,
        maxId: '9223372036854775806',
        maxValue: '9223372036854775807',
        buffer: 'BUFFER_CHAIN',
        description: 'd',
        mode: 'MODE_SEGMENT',
        layout: 'l',
      },
      {
        tag: 'a',
        mode: 'segment',
        layout: 'l',
        step: 5,
        maxId: 2n ** 63n - 2n,
        maxValue: 2n ** 63n - 1n,
        buffer: 'chain',
        description: 'd',
      },
    ],
    ['a mode alone', { tag: 'a', mode: 'MODE_SNOWFLAKE' }, { tag: 'a', mode: 'snowflake' }],
  ] satisfies [string, object, CreateTagRequest][])(
    'CreateTag with %s asks for just that',
    async (_, message, request) => {
      await askTags('CreateTag', message)
      expect(asked.at(-1)).toEqual(request)
    },
  )

  test.each([
    ['nothing', { tag: 'a', version: 3 }, { tag: 'a', version: 3n }],
    [
      'everything, also to zero and empty',
      { tag: 'a', version: 3, step: 0, maxValue: 0, buffer: 'BUFFER_DOUBLE', description: '' },
      { tag: 'a', version: 3n, step: 0, maxValue: 0n, buffer: 'double', description: '' },
    ],
  ] satisfies [string, object, UpdateTagRequest][])(
    'UpdateTag that changes %s asks for just that',
    async (_, message, request) => {
      await askTags('UpdateTag', message)
      expect(asked.at(-1)).toEqual(request)
    },
  )

  test.each([
    ['CreateTag', 'buffer', 7],
    ['CreateTag', 'mode', 7],
    ['UpdateTag', 'buffer', 7],
    ['UpdateTag', 'buffer', 'BUFFER_UNSPECIFIED'],
  ])('%s refuses a %s of %s', async (rpc, field, value) => {
    expect(await refusal(askTags(rpc, { tag: 'a', [field]: value }))).toMatchObject({
      status: 'INVALID_ARGUMENT',
      details: [{ value: { reason: 'REQUEST_INVALID' } }],
    })
  })
})

test.each([1n, 2n ** 53n + 1n, 2n ** 63n - 1n])('the id %s arrives to the last bit', async (id) => {
  const ranges = [{ first: id, last: id }]
  const rig = await grpcRig({
    nextId: { execute: () => id },
    nextIds: { execute: () => Promise.resolve(ranges) },
  })
  const one = await rig.client.ask('goloves.v1.IdService/NextId', { tag: 'a' })
  const many = await rig.client.ask('goloves.v1.IdService/NextIds', { tag: 'a', count: 1 })
  await rig.stop()
  expect(one).toEqual({ id: String(id) })
  expect(many).toEqual({ ranges: [{ first: String(id), last: String(id), step: '1' }] })
})

test('a range arrives with the distance of its ids', async () => {
  const rig = await grpcRig({
    nextIds: { execute: () => [{ first: 1n, last: 131_073n, step: 65_536n }] },
  })
  const question = { tag: 'a', count: 3 }
  const ranges = [{ first: '1', last: '131073', step: '65536' }]
  expect(await rig.client.ask('goloves.v1.IdService/NextIds', question)).toEqual({ ranges })
  const stream = rig.client.stream()
  stream.end(question)
  const [streamed] = await once(stream, 'data')
  await rig.stop()
  expect(streamed).toMatchObject({ ranges: { ranges } })
})

test('a snowflake tag arrives with its layout and the end of it', async () => {
  const layout = SnowflakeLayout.parse('sonyflake')
  const nothing = { step: 0, maxId: 0n, maxValue: 0n, buffer: undefined, description: '' }
  const tag: Tag = { ...TAG, ...nothing, mode: 'snowflake', layout, freeze: undefined }
  const rig = await grpcRig({ getTag: { execute: async () => tag } })
  const reply = await rig.client.ask('goloves.v1.TagService/GetTag', { tag: KNOWN_TAG })
  await rig.stop()
  expect(reply).toEqual({
    tag: {
      tag: KNOWN_TAG,
      mode: 'MODE_SNOWFLAKE',
      step: '0',
      maxId: '0',
      maxValue: '0',
      buffer: 'BUFFER_UNSPECIFIED',
      description: '',
      freezeReason: 'FREEZE_REASON_UNSPECIFIED',
      frozenAbove: '0',
      version: '7',
      layout: 'sonyflake',
      // 2^39 ticks of 10 ms after the start of 2025.
      layoutEndsAtMs: String(Date.UTC(2025, 0, 1) + 2 ** 39 * 10 - 1),
    },
  })
})
