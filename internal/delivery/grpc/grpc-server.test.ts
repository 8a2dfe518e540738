import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { KNOWN_TAG } from '../../../test/contract/error-cases.ts'
import { GrpcClient, refusal } from '../../../test/support/grpc-client.ts'
import { clock, eventually, type GrpcRig, grpcRig } from '../../../test/support/grpc-rig.ts'
import { listening } from '../../../test/support/listening.ts'

const NEXT_ID = 'goloves.v1.IdService/NextId'
const CHECK = 'grpc.health.v1.Health/Check'
const SERVICES = ['', 'goloves.v1.IdService', 'goloves.v1.TagService']

describe('a gRPC server', () => {
  let rig: GrpcRig
  let waiting: ((id: bigint) => void)[]
  beforeEach(async () => {
    waiting = []
    const slowly = () => new Promise<bigint>((resolve) => waiting.push(resolve))
    rig = await grpcRig({ nextId: { execute: (tag) => (tag === 'slow' ? slowly() : 1n) } })
  })
  afterEach(() => rig.stop())

  test.each(SERVICES)('says of "%s" that it serves only once it was told so', async (service) => {
    expect(await rig.client.ask(CHECK, { service })).toEqual({ status: 'NOT_SERVING' })
    rig.server.setServing(true)
    expect(await rig.client.ask(CHECK, { service })).toEqual({ status: 'SERVING' })
    rig.server.setServing(false)
    expect(await rig.client.ask(CHECK, { service })).toEqual({ status: 'NOT_SERVING' })
  })

  test('knows no health of a service that it has not', async () => {
    const answer = await refusal(rig.client.ask(CHECK, { service: 'nobody.Home' }))
    expect(answer.status).toBe('NOT_FOUND')
  })

  test('refuses new calls once the gate is closed, and finishes the one in flight', async () => {
    const slow = rig.client.ask(NEXT_ID, { tag: 'slow' })
    await eventually(() => waiting.length === 1)
    rig.gate.close(2000)
    expect(await refusal(rig.client.ask(NEXT_ID, { tag: KNOWN_TAG }))).toMatchObject({
      status: 'UNAVAILABLE',
      details: [
        { value: { reason: 'SHUTTING_DOWN' } },
        { type: 'RetryInfo', value: { retryDelay: { seconds: '2' } } },
      ],
    })
    const closed = rig.server.close(10_000)
    waiting[0]?.(42n)
    expect(await slow).toEqual({ id: '42' })
    await closed
  })

  test('takes no more connections once it is closed', async () => {
    await rig.server.close(10_000)
    const late = new GrpcClient(rig.port)
    const answer = await refusal(late.ask(NEXT_ID, { tag: KNOWN_TAG }))
    late.close()
    expect(answer.status).toBe('UNAVAILABLE')
  })

  test('cuts off, at the limit, a call that never ends', async () => {
    const endless = refusal(rig.client.ask(NEXT_ID, { tag: 'slow' }))
    await eventually(() => waiting.length === 1)
    const startMs = clock.monotonicMs()
    await rig.server.close(100)
    expect(clock.monotonicMs() - startMs).toBeGreaterThanOrEqual(95)
    expect((await endless).status).toMatch(/CANCELLED|UNAVAILABLE/)
  })

  test('does not wait for those who watch its health', async () => {
    const watch = rig.client.watch('grpc.health.v1.Health/Watch', { service: '' })
    const [first] = await once(watch, 'data')
    expect(first).toEqual({ status: 'NOT_SERVING' })
    const ended = once(watch, 'end')
    watch.resume()
    const startMs = clock.monotonicMs()
    await rig.server.close(10_000)
    await ended
    expect(clock.monotonicMs() - startMs).toBeLessThan(5_000)
  })

  test('closes at once when nobody calls, and a second time', async () => {
    const startMs = clock.monotonicMs()
    await rig.server.close(10_000)
    await rig.server.close(10_000)
    expect(clock.monotonicMs() - startMs).toBeLessThan(5_000)
  })

  test('is described by reflection to a client that has no contract', async () => {
    const listed = await buf('--list-methods', `http://127.0.0.1:${rig.port}`)
    expect(listed).toContain('goloves.v1.IdService/StreamIds')
    expect(listed).toContain('goloves.v1.TagService/GetTagState')
    expect(listed).toContain('grpc.health.v1.Health/Check')
    const answer = await buf('-d', '{"tag":"a"}', `http://127.0.0.1:${rig.port}/${NEXT_ID}`)
    expect(JSON.parse(answer)).toEqual({ id: '1' })
  }, 30_000)
})

test('a taken port is an error that names it and the cure', async () => {
  const other = createServer()
  const port = await listening(other)
  const rig = await grpcRig()
  await rig.stop()
  await expect(rig.server.listen('127.0.0.1', port)).rejects.toThrow(
    `gRPC cannot listen on 127.0.0.1:${port}: the port is taken.`,
  )
  other.close()
})

/** Runs the command-line client of `buf`, which shares nothing with ours. */
async function buf(...args: string[]): Promise<string> {
  const command = ['curl', '--http2-prior-knowledge', '--protocol', 'grpc', ...args]
  const child = spawn('node_modules/.bin/buf', command)
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)])
  if (errors !== '') throw new Error(errors)
  return out
}
