import { beforeAll, describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import { SnowflakeLayout } from '../../internal/domain/entity/snowflake-layout.ts'
import { eventually } from '../support/eventually.ts'
import { GrpcClient, refusal } from '../support/grpc-client.ts'
import { type RunningService, serveReady } from '../support/running-service.ts'

const IDS = 'goloves.v1.IdService'
const RANGES = z.object({
  ranges: z.array(z.object({ first: z.string(), last: z.string(), step: z.string() })),
})
const PARTS = z.object({ timeMs: z.coerce.number(), worker: z.coerce.number() })

const twitter = SnowflakeLayout.parse('twitter')

let service: RunningService

beforeAll(async () => {
  service = await serveReady(['--worker-lease-ms', '2000'])
  await gives('snowflake')
})

/** A layout that is new to the store gives its first id after one life of a lease. */
async function gives(tag: string): Promise<void> {
  await eventually(
    () => service.http('POST', `/v1/tags/${tag}:nextId`),
    ({ status }) => status === 200,
  )
}

function idsOf(reply: unknown): bigint[] {
  return RANGES.parse(reply).ranges.flatMap(({ first, last, step }) => {
    const count = Number((BigInt(last) - BigInt(first)) / BigInt(step)) + 1
    return Array.from({ length: count }, (_, n) => BigInt(first) + BigInt(n) * BigInt(step))
  })
}

async function streamed(question: object): Promise<bigint[]> {
  const client = new GrpcClient(Number(service.grpcAddress.split(':')[1]))
  const stream = client.stream()
  stream.end(question)
  const ids: bigint[] = []
  for await (const { ranges } of stream) ids.push(...idsOf(ranges))
  client.close()
  return ids
}

async function text(path: string): Promise<string> {
  const answer = await fetch(`http://${service.httpAddress}${path}`)
  return await answer.text()
}

/** What a command prints that succeeds. */
async function printed(...args: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await service.idgen(...args)
  expect(`${code} ${stderr}`).toBe('0 ')
  return stdout.trimEnd().split('\n')
}

function areAscending(ids: readonly bigint[]): boolean {
  return ids.every((id, index) => id > (ids[index - 1] ?? 0n))
}

describe('the tag snowflake, which every store has', () => {
  test('gives rising ids of the present by every way there is', async () => {
    const fromMs = Date.now()
    const tag = 'snowflake'
    const ids = [
      ...(await streamed({ tag, count: 5000 })),
      await service.nextId(tag),
      await service.nextIdByGrpc(tag),
      ...idsOf(await service.ask(`${IDS}/NextIds`, { tag, count: 10_000 })),
      ...idsOf((await service.http('POST', `/v1/tags/${tag}:nextIds`, { count: 100 })).body),
      BigInt(await text('/api/snowflake/get/whatever:this')),
      ...(await printed('next', tag, '--count', '3')).map(BigInt),
    ]
    const untilMs = Date.now()
    expect(ids).toHaveLength(5000 + 1 + 1 + 10_000 + 100 + 1 + 3)
    expect(areAscending(ids)).toBe(true)
    const times = ids.map((id) => twitter.startOf(twitter.unpack(id).tick))
    expect(times.filter((timeMs) => timeMs < fromMs || timeMs > untilMs)).toEqual([])
    expect(new Set(ids.map((id) => twitter.unpack(id).worker)).size).toBe(1)
  })

  test('has its ids decoded alike by every way there is', async () => {
    const id = await service.nextId('snowflake')
    const { tick, worker, sequence } = twitter.unpack(id)
    const timeMs = twitter.startOf(tick)
    const time = new Date(timeMs).toISOString()

    const question = { tag: 'snowflake', id: String(id) }
    expect(await service.ask(`${IDS}/DecodeId`, question)).toEqual({
      timeMs: String(timeMs),
      worker: String(worker),
      sequence: String(sequence),
    })
    const byHttp = await service.http('GET', `/v1/tags/snowflake:decodeId?id=${id}`)
    expect(byHttp).toMatchObject({ status: 200, body: { timeMs, time, worker, sequence } })
    expect(JSON.parse(await text(`/decodeSnowflakeId?snowflakeId=${id}`))).toEqual({
      timestamp: `${timeMs}(${time.slice(0, 10)} ${time.slice(11, 23)})`,
      sequenceId: String(sequence),
      workerId: String(worker),
    })
    const lines = [`time: ${time}`, `worker: ${worker}`, `sequence: ${sequence}`]
    expect(await printed('decode', String(id))).toEqual(lines)
    expect(await printed('decode', String(id), '--tag', 'snowflake')).toEqual(lines)
  })

  test('is shown with its layout, the end of it and the worker id that is held', async () => {
    const id = await service.nextId('snowflake')
    expect((await service.http('GET', '/v1/tags/snowflake')).body).toMatchObject({
      mode: 'snowflake',
      layout: 'twitter',
      layoutEndsAt: '2080-07-10T17:30:30.208Z',
    })
    const { worker } = twitter.unpack(id)
    const state = await service.http('GET', '/v1/tags/snowflake:state')
    expect(state).toMatchObject({ status: 200, body: { ranges: [], worker: { worker } } })
    expect(await printed('tag', 'show', 'snowflake')).toEqual(
      expect.arrayContaining([
        'mode: snowflake',
        'layout: twitter',
        'layout_ends: 2080-07-10T17:30:30.208Z',
        expect.stringMatching(`^worker: ${worker}, epoch \\d+, reserved until 20`),
      ]),
    )
  })
})

describe('a tag of one’s own', () => {
  test('of sonyflake has ids that are as far apart as its worker is wide', async () => {
    const created = await printed(
      ...['tag', 'create', 'photos', '--mode', 'snowflake', '--layout', 'sonyflake'],
    )
    expect(created).toEqual(expect.arrayContaining(['mode: snowflake', 'layout: sonyflake']))
    await gives('photos')
    const ids = (await printed('next', 'photos', '--count', '300')).map(BigInt)
    expect(ids).toHaveLength(300)
    expect(areAscending(ids)).toBe(true)
    const layout = SnowflakeLayout.parse('sonyflake')
    expect(new Set(ids.map((id) => layout.unpack(id).worker)).size).toBe(1)
    const reply = await service.ask(`${IDS}/NextIds`, { tag: 'photos', count: 2 })
    expect(RANGES.parse(reply).ranges).toMatchObject([{ step: '65536' }])
  })

  test('of js-safe has ids that a JSON number holds', async () => {
    const body = { tag: 'clicks', layout: 'js-safe' }
    const created = await service.http('POST', '/v1/tags', body)
    expect(created).toMatchObject({ status: 201, body: { mode: 'snowflake', layout: 'js-safe' } })
    await gives('clicks')
    const nowMs = Date.now()
    const id = await service.nextId('clicks')
    expect(Number.isSafeInteger(Number(id))).toBe(true)
    const decoded = await service.ask(`${IDS}/DecodeId`, { tag: 'clicks', id: String(id) })
    const { timeMs, worker } = PARTS.parse(decoded)
    expect(timeMs).toBeGreaterThanOrEqual(nowMs)
    expect(worker).toBeLessThan(8)
  })

  test.each([
    ['a layout that is none', { layout: 'facebook' }],
    ['a layout of segment mode', { mode: 'segment', layout: 'twitter' }],
    ['a step', { mode: 'snowflake', step: 5 }],
  ])('is not created with %s', async (_, options) => {
    const answer = await service.http('POST', '/v1/tags', { tag: 'odd', ...options })
    expect(answer).toMatchObject({ status: 400, body: { code: 'TAG_OPTION_INVALID' } })
  })
})

describe('what does not fit', () => {
  test('an id of a segment tag can’t be decoded', async () => {
    const question = { tag: 'order-service', id: '2' }
    expect(await refusal(service.ask(`${IDS}/DecodeId`, question))).toMatchObject({
      status: 'FAILED_PRECONDITION',
      details: [{ value: { reason: 'MODE_MISMATCH' } }],
    })
    expect(await service.http('GET', '/v1/tags/order-service:decodeId?id=2')).toMatchObject({
      status: 409,
      body: { code: 'MODE_MISMATCH' },
    })
    expect(await service.idgen('decode', '2', '--tag', 'order-service')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^MODE_MISMATCH: /),
    })
  })

  test.each(['0', '-1', 'x', '', '4194303', '9223372036854775808'])(
    '"%s" is no id of snowflake',
    async (id) => {
      for (const path of ['v1/tags/snowflake:decodeId?id', 'decodeSnowflakeId?snowflakeId']) {
        const answer = await service.http('GET', `/${path}=${id}`)
        expect(answer).toMatchObject({ status: 400, body: { code: 'ID_INVALID' } })
      }
    },
  )

  test('a snowflake tag is not raised', async () => {
    const answer = await service.http('POST', '/v1/tags/snowflake:raise', { above: '5' })
    expect(answer).toMatchObject({ status: 409, body: { code: 'MODE_MISMATCH' } })
  })
})
