import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { parseTagName, type Tag } from '../../internal/domain/entity/tag.ts'
import { segmentChain } from '../../internal/domain/generator/segment-chain.ts'
import { MemoryStore } from '../../internal/repository/memory-store.ts'
import { MemorySegmentRepository } from '../../internal/repository/segment/memory-segment-repository.ts'
import { MemoryTagRepository } from '../../internal/repository/tag/memory-tag-repository.ts'
import { NextId } from '../../internal/usecase/idgen/next-id.ts'
import { NextIds } from '../../internal/usecase/idgen/next-ids.ts'
import { refusal } from '../support/grpc-client.ts'
import { clock, type GrpcRig, grpcRig, TAG } from '../support/grpc-rig.ts'
import { loneRegistry } from '../support/lone-registry.ts'
import { noRests } from '../support/no-rests.ts'

// The use cases and generators as they are in the program, over a store in memory.

const NEXT_ID = 'goloves.v1.IdService/NextId'
const NEXT_IDS = 'goloves.v1.IdService/NextIds'
const MAX_ID = 2n ** 63n - 1n

let rig: GrpcRig

beforeAll(async () => {
  const store = new MemoryStore()
  store.save(tag('order-service', 1n))
  store.save(tag('near-the-end', MAX_ID - 2n))
  const policy = segmentChain({ sizing: 'fixed', safeDistance: 2, reserveS: 600 })
  const registry = loneRegistry({
    segments: new MemorySegmentRepository(store),
    tags: new MemoryTagRepository(store),
    rests: noRests(),
    clock,
    policy,
  })
  rig = await grpcRig({ nextId: new NextId(registry), nextIds: new NextIds(registry, 10_000) })
})
afterAll(() => rig.stop())

test('a tag gives its first id, and after it one above the other', async () => {
  const ids: bigint[] = []
  for (let n = 0; n < 50; n++)
    ids.push(...idsOf(await rig.client.ask(NEXT_ID, { tag: 'order-service' })))
  expect(ids[0]).toBe(2n)
  expect(ids).toEqual([...ids].sort(ascending))
  expect(new Set(ids).size).toBe(50)
})

test('calls for one id, for many and streams, all at once, never get an id twice', async () => {
  const ids = await Promise.all([
    ...Array.from({ length: 200 }, () => ask(NEXT_ID)),
    ...Array.from({ length: 50 }, (_, n) => ask(NEXT_IDS, n * 20 + 1)),
    ...Array.from({ length: 5 }, () => streamed(20, 100)),
  ])
  const all = ids.flat()
  expect(all).toHaveLength(200 + 20 * ((49 * 50) / 2) + 50 + 5 * 20 * 100)
  expect(new Set(all).size).toBe(all.length)
})

test('the last ids there can be arrive to the last bit, and then none', async () => {
  const first = await rig.client.ask(NEXT_IDS, { tag: 'near-the-end', count: 1 })
  const last = await rig.client.ask(NEXT_ID, { tag: 'near-the-end' })
  const after = await refusal(rig.client.ask(NEXT_ID, { tag: 'near-the-end' }))
  expect([...idsOf(first), ...idsOf(last)]).toEqual([MAX_ID - 1n, MAX_ID])
  expect(after).toMatchObject({
    status: 'OUT_OF_RANGE',
    details: [{ value: { reason: 'TAG_EXHAUSTED' } }],
  })
})

function tag(name: string, maxId: bigint): Tag {
  return { ...TAG, name: parseTagName(name), maxId, buffer: undefined, freeze: undefined }
}

async function ask(rpc: string, count?: number): Promise<bigint[]> {
  return idsOf(await rig.client.ask(rpc, { tag: 'order-service', count }))
}

async function streamed(questions: number, count: number): Promise<bigint[]> {
  const stream = rig.client.stream()
  for (let n = 0; n < questions; n++) stream.write({ tag: 'order-service', count })
  stream.end()
  const ids: bigint[] = []
  for await (const { ranges } of stream) ids.push(...idsOf(ranges))
  return ids
}

interface Answer {
  readonly id?: string
  readonly ranges?: readonly { readonly first: string; readonly last: string }[]
}

function idsOf({ id, ranges = [] }: Answer): bigint[] {
  const listed = ranges.flatMap(({ first, last }) => {
    const size = Number(BigInt(last) - BigInt(first)) + 1
    return Array.from({ length: size }, (_, n) => BigInt(first) + BigInt(n))
  })
  return id === undefined ? listed : [BigInt(id), ...listed]
}

function ascending(a: bigint, b: bigint): number {
  return a < b ? -1 : 1
}
