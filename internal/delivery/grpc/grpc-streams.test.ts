import { once } from 'node:events'
import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { storeUnavailable } from '../../../pkg/errors/failures.ts'
import { KNOWN_TAG } from '../../../test/contract/error-cases.ts'
import { readRefusal } from '../../../test/support/grpc-client.ts'
import { eventually, type GrpcRig, grpcRig, isStill } from '../../../test/support/grpc-rig.ts'
import { MAX_ID } from '../../domain/entity/tag.ts'
import type { UseCases } from '../use-cases.ts'

type Stream = ClientDuplexStream<object, object>

describe('a stream of questions', () => {
  let rig: GrpcRig
  let asked: string[]
  let open: (() => void)[]

  beforeEach(async () => {
    asked = []
    open = []
    rig = await grpcRig({ nextIds: { execute: answer } })
  })
  afterEach(() => rig.stop())

  /** Tags decide what becomes of a question: those that begin with `slow` wait until they are let go. */
  const answer: UseCases['nextIds']['execute'] = (tag, count) => {
    asked.push(tag)
    const ranges = [{ first: count, last: count }]
    if (tag === 'down') throw storeUnavailable(250)
    if (tag === 'long') return Array.from({ length: 100 }, () => ({ first: MAX_ID, last: MAX_ID }))
    if (tag === 'broken') throw new TypeError('Cannot read properties of undefined')
    if (!tag.startsWith('slow')) return ranges
    return new Promise((resolve) => open.push(() => resolve(ranges)))
  }

  test('is answered in its order, each question only when the one before it is answered', async () => {
    const stream = rig.client.stream()
    const answers = collect(stream)
    for (const [index, tag] of ['slow-1', 'b', 'slow-2', 'd'].entries()) {
      stream.write({ tag, count: index + 1 })
    }
    stream.end()
    await eventually(() => open.length === 1)
    expect(asked).toEqual(['slow-1'])
    open.pop()?.()
    await eventually(() => open.length === 1)
    expect(asked).toEqual(['slow-1', 'b', 'slow-2'])
    open.pop()?.()
    expect(await answers).toEqual([1, 2, 3, 4].map(ranges))
  })

  test('goes on after a question that fails', async () => {
    const stream = rig.client.stream()
    const answers = collect(stream)
    for (const tag of ['a', 'down', 'broken']) stream.write({ tag, count: 1 })
    stream.write(Buffer.from('ffffffffff', 'hex'))
    stream.end({ tag: 'e', count: 1 })
    expect(await answers).toEqual([
      ranges(1),
      error('STORE_UNAVAILABLE', 'The store does not answer; try again.', '250'),
      error('INTERNAL', 'Something went wrong inside the service.', '0'),
      error('REQUEST_INVALID', 'The request is no message of this method.', '0'),
      ranges(1),
    ])
    expect(rig.reports).toEqual([new TypeError('Cannot read properties of undefined')])
  })

  test('answers all its questions also when the client has asked the last one long ago', async () => {
    const stream = rig.client.stream()
    const answers = collect(stream)
    stream.end({ tag: 'slow', count: 1 })
    await eventually(() => open.length === 1)
    open.pop()?.()
    expect(await answers).toEqual([ranges(1)])
  })

  test('of no questions ends at once', async () => {
    const stream = rig.client.stream()
    const answers = collect(stream)
    stream.end()
    expect(await answers).toEqual([])
  })

  test('looks at no more questions while the client does not read the answers', async () => {
    const stream = rig.client.stream(60_000)
    stream.read(0)
    const questions = 500
    for (let n = 0; n < questions; n++) stream.write({ tag: 'long', count: 1 })
    await eventually(isStill(() => asked.length))
    expect(asked.length).toBeLessThan(questions / 2)
    const answers = collect(stream)
    stream.end()
    expect(await answers).toHaveLength(questions)
    expect(asked).toHaveLength(questions)
  }, 60_000)

  test('is answered in its order, however many questions come at once', async () => {
    const counts = Array.from({ length: 2000 }, (_, index) => index + 1)
    const stream = rig.client.stream()
    const answers = collect(stream)
    for (const count of counts) stream.write({ tag: 'a', count })
    stream.end()
    expect(await answers).toEqual(counts.map(ranges))
  })

  test('takes no more ids once the client has cancelled', async () => {
    const stream = rig.client.stream()
    const ended = failure(stream)
    for (const tag of ['slow', 'b', 'c']) stream.write({ tag, count: 1 })
    await eventually(() => open.length === 1)
    stream.cancel()
    expect(await ended).toMatchObject({ status: 'CANCELLED' })
    await rig.client.ask('goloves.v1.TagService/GetTag', { tag: KNOWN_TAG })
    open.pop()?.()
    await rig.client.ask('goloves.v1.TagService/GetTag', { tag: KNOWN_TAG })
    expect(asked).toEqual(['slow'])
  })

  test('ends at its own deadline', async () => {
    const ended = failure(rig.client.stream(200))
    expect(await ended).toMatchObject({ status: 'DEADLINE_EXCEEDED' })
  })

  test('that waits for a question ends with SHUTTING_DOWN when the server closes', async () => {
    const stream = rig.client.stream()
    const ended = failure(stream)
    stream.write({ tag: 'a', count: 1 })
    await once(stream, 'data')
    rig.gate.close(1000)
    await rig.server.close(10_000)
    expect(await ended).toMatchObject({
      status: 'UNAVAILABLE',
      details: [{ value: { reason: 'SHUTTING_DOWN' } }, { type: 'RetryInfo' }],
    })
  })

  test('gets the answer at hand, but no other, when the server closes', async () => {
    const stream = rig.client.stream()
    const answers: object[] = []
    stream.on('data', (value: object) => answers.push(value))
    const ended = failure(stream)
    stream.write({ tag: 'slow', count: 1 })
    stream.write({ tag: 'b', count: 2 })
    await eventually(() => open.length === 1)
    rig.gate.close(1000)
    const closed = rig.server.close(10_000)
    open.pop()?.()
    expect(await ended).toMatchObject({ details: [{ value: { reason: 'SHUTTING_DOWN' } }, {}] })
    await closed
    expect(answers).toEqual([ranges(1)])
    expect(asked).toEqual(['slow'])
  })

  test('is not begun once the gate is closed', async () => {
    rig.gate.close(1000)
    expect(await failure(rig.client.stream())).toMatchObject({
      status: 'UNAVAILABLE',
      details: [{ value: { reason: 'SHUTTING_DOWN' } }, {}],
    })
  })
})

function ranges(count: number) {
  const id = String(count)
  return { ranges: { ranges: [{ first: id, last: id, step: '1' }] }, outcome: 'ranges' }
}

function error(code: string, message: string, retryAfterMs: string) {
  return { error: { code, message, retryAfterMs }, outcome: 'error' }
}

async function collect(stream: Stream): Promise<object[]> {
  const answers: object[] = []
  for await (const answer of stream) answers.push(answer)
  return answers
}

async function failure(stream: Stream) {
  stream.resume()
  const [error]: ServiceError[] = await once(stream, 'error')
  if (error === undefined) throw new Error('The stream ended without an error.')
  return readRefusal(error)
}
