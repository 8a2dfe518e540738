import { beforeAll, describe, expect, test } from '@jest/globals'
import { refusal } from '../support/grpc-client.ts'
import { type RunningService, serveReady } from '../support/running-service.ts'

const LAST = 2n ** 63n - 1n

let service: RunningService

beforeAll(async () => {
  service = await serveReady()
})

async function create(tag: string, maxId: bigint, step: number): Promise<void> {
  const created = await service.http('POST', '/v1/tags', { tag, maxId: String(maxId), step })
  expect(created).toMatchObject({ status: 201, body: { tag, maxId: String(maxId) } })
}

async function nextIdByCommand(tag: string): Promise<bigint> {
  const { code, stdout } = await service.idgen('next', tag)
  expect(code).toBe(0)
  return BigInt(stdout)
}

describe('HTTP, gRPC and the command line', () => {
  test('answer from one sequence, a later call with a higher id', async () => {
    const ids: bigint[] = []
    for (let round = 0; round < 20; round++) {
      ids.push(await service.nextId('order-service'), await service.nextIdByGrpc('order-service'))
    }
    ids.push(await nextIdByCommand('order-service'), await service.nextId('order-service'))
    expect(ids).toStrictEqual(ids.map((_, index) => 2n + BigInt(index)))
  })

  test('give no id twice when they ask at once', async () => {
    const calls = Array.from({ length: 500 }, () => [
      service.nextId('order-service'),
      service.nextIdByGrpc('order-service'),
    ])
    expect(new Set(await Promise.all(calls.flat())).size).toBe(1000)
  })

  test('pass on ids above 2^53 exactly', async () => {
    const start = 2n ** 53n
    await create('large', start, 10)
    const ids = [
      await service.nextId('large'),
      await service.nextIdByGrpc('large'),
      await nextIdByCommand('large'),
      await service.nextId('large'),
      await service.nextIdByGrpc('large'),
    ]
    expect(ids).toStrictEqual([1n, 2n, 3n, 4n, 5n].map((more) => start + more))
  })

  test('pass on ids up to the last there is, and then refuse', async () => {
    await create('ending', LAST - 5n, 2)
    const leaf = await fetch(`http://${service.httpAddress}/api/segment/get/ending`)
    const ids = [
      BigInt(await leaf.text()),
      await service.nextId('ending'),
      await service.nextIdByGrpc('ending'),
      await nextIdByCommand('ending'),
    ]
    const ranges = await service.ask('goloves.v1.IdService/NextIds', { tag: 'ending', count: 1 })
    expect(ids).toStrictEqual([4n, 3n, 2n, 1n].map((less) => LAST - less))
    expect(ranges).toMatchObject({ ranges: [{ first: String(LAST), last: String(LAST) }] })

    const { status, type, body } = await service.http('POST', '/v1/tags/ending:nextId')
    expect(status).toBe(409)
    expect(type).toContain('application/problem+json')
    expect(body).toMatchObject({ code: 'TAG_EXHAUSTED' })
    expect(await refusal(service.nextIdByGrpc('ending'))).toMatchObject({
      status: 'OUT_OF_RANGE',
      details: [{ type: 'ErrorInfo', value: { reason: 'TAG_EXHAUSTED', domain: 'goloves' } }],
    })
    expect(await service.idgen('next', 'ending')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('TAG_EXHAUSTED: '),
    })
  })

  test('serve a tag at once on the instance that created it, even if it was missed before', async () => {
    await expect(service.nextId('brand-new')).rejects.toThrow('TAG_NOT_FOUND')
    await create('brand-new', 41n, 10)
    expect(await service.nextId('brand-new')).toBe(42n)
  })
})
