import { afterEach, describe, expect, test } from '@jest/globals'
import { FaultProxy } from '../../test/support/fault-proxy.ts'
import { grpcRig } from '../../test/support/grpc-rig.ts'
import { liveHttp } from '../../test/support/live-http.ts'
import { createClient } from './create-client.ts'
import type { IdClient } from './id-client.ts'

// gRPC and HTTP of one instance, and a network before its gRPC.

const TAG = 'order-service'
const DEADLINE_MS = 2000
const HTTP_ABOVE = 1_000_000n

const ends: (() => unknown)[] = []

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** Ids tell by their size which transport they came by. */
class Instance {
  readonly client: IdClient
  readonly network: FaultProxy
  /** How many questions were answered by gRPC, heard or not. */
  answeredByGrpc = 0
  #last = 0n

  private constructor(network: FaultProxy, http: string) {
    this.network = network
    const grpc = `127.0.0.1:${network.port}`
    const targets = [{ grpc, http }]
    this.client = createClient({ targets, way: 'direct', deadlineMs: DEADLINE_MS })
  }

  static async start(): Promise<Instance> {
    const byGrpc = {
      execute: (_: string, count: bigint) => {
        instance.answeredByGrpc += 1
        return [instance.#take(count)]
      },
    }
    const byHttp = {
      execute: (_: string, count: bigint) => {
        const { first, last } = instance.#take(count)
        return [{ first: first + HTTP_ABOVE, last: last + HTTP_ABOVE }]
      },
    }
    const rig = await grpcRig({ nextIds: byGrpc })
    const { url } = await liveHttp({ nextIds: byHttp })
    const network = await FaultProxy.to(`http://127.0.0.1:${rig.port}`)
    const instance = new Instance(network, url)
    ends.push(
      () => rig.stop(),
      () => network.close(),
      () => instance.client.close(),
    )
    return instance
  }

  async ask(): Promise<'grpc' | 'http'> {
    return (await this.client.nextId(TAG)) > HTTP_ABOVE ? 'http' : 'grpc'
  }

  /** Asks until this transport answers. */
  async askUntil(transport: 'grpc' | 'http'): Promise<void> {
    while ((await this.ask()) !== transport);
  }

  #take(count: bigint) {
    this.#last += count
    return { first: this.#last - count + 1n, last: this.#last }
  }
}

test('where there is nothing but silence, the deadline is what a caller is told', async () => {
  const { network } = await Instance.start()
  const targets = [{ grpc: `127.0.0.1:${network.port}` }]
  const client = createClient({ targets, way: 'direct', deadlineMs: 300 })
  ends.push(() => client.close())
  expect(await client.nextId(TAG)).toBe(1n)
  network.hang()
  const told = Array.from({ length: 20 }, () => client.nextId(TAG).catch(({ code }) => code))
  expect(new Set(await Promise.all(told))).toEqual(new Set(['DEADLINE_EXCEEDED']))
})

test('while gRPC answers, HTTP is not asked', async () => {
  const instance = await Instance.start()
  await instance.askUntil('grpc')
  const asked = await Promise.all(Array.from({ length: 20 }, () => instance.ask()))
  expect(new Set(asked)).toEqual(new Set(['grpc']))
})

describe('HTTP answers, and gRPC again once it can,', () => {
  test('when gRPC refuses connections from the beginning', async () => {
    const instance = await Instance.start()
    instance.network.refuse()
    expect(await instance.ask()).toBe('http')
    instance.network.accept()
    await instance.askUntil('grpc')
  })

  test('when the connection of gRPC is cut in the midst of many questions', async () => {
    const instance = await Instance.start()
    expect(await instance.ask()).toBe('grpc')
    instance.network.hang()
    const asked = Array.from({ length: 50 }, () => instance.ask())
    instance.network.refuse()
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['http']))
    instance.network.release()
    instance.network.accept()
    await instance.askUntil('grpc')
  })

  test('when gRPC falls silent: what it says when all is over is heard by nobody', async () => {
    const instance = await Instance.start()
    expect(await instance.ask()).toBe('grpc')
    instance.network.hang()
    const beganMs = performance.now()
    expect(await instance.ask()).toBe('http')
    expect(performance.now() - beganMs).toBeGreaterThanOrEqual(DEADLINE_MS / 2 - 5)
    const laterMs = performance.now()
    expect(await instance.ask()).toBe('http')
    expect(performance.now() - laterMs).toBeLessThan(DEADLINE_MS / 2)
    instance.network.release()
    await instance.askUntil('grpc')
  })

  test('when a connection of gRPC loses all replies, but stays open', async () => {
    const instance = await Instance.start()
    expect(await instance.ask()).toBe('grpc')
    instance.network.lose('reply')
    expect(await instance.ask()).toBe('http')
    expect(instance.answeredByGrpc).toBe(2)
    await instance.askUntil('grpc')
  })
})
