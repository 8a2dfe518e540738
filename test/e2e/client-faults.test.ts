import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createClient } from '../../pkg/client/create-client.ts'
import type { IdClient } from '../../pkg/client/id-client.ts'
import { ClientLoad } from '../support/client-load.ts'
import { FaultProxy } from '../support/fault-proxy.ts'
import { newFolder } from '../support/program.ts'
import { type RunningService, serveReady } from '../support/running-service.ts'

// Two services on one file, a network before each of their ports, and a steady load from a client of
// each way, all on one tag. What breaks is broken under all of them at once.

const TAG = 'order-service'
const DEADLINE_MS = 5000
/** What a busy machine may add. */
const LATE_MS = 2000
/** So many ids each way takes before the next thing breaks. */
const STEADY = 100
/** So few that a client can't outlive a broken service on what it holds. */
const HELD_MAX = 20

/** One instance, which can be killed and come back at the same ports. */
class Instance {
  readonly grpc: FaultProxy
  readonly http: FaultProxy
  readonly #folder: string
  #service: RunningService

  private constructor(folder: string, service: RunningService, grpc: FaultProxy, http: FaultProxy) {
    this.#folder = folder
    this.#service = service
    this.grpc = grpc
    this.http = http
  }

  static async start(folder: string): Promise<Instance> {
    const service = await serveReady([], { folder })
    const grpc = await FaultProxy.to(`http://${service.grpcAddress}`)
    const http = await FaultProxy.to(`http://${service.httpAddress}`)
    return new Instance(folder, service, grpc, http)
  }

  get target() {
    return { grpc: `127.0.0.1:${this.grpc.port}`, http: `http://127.0.0.1:${this.http.port}` }
  }

  async kill(): Promise<void> {
    await this.#service.stop('SIGKILL')
  }

  async comeBack(): Promise<void> {
    const { grpcAddress, httpAddress } = this.#service
    const ports = ['--grpc-port', portOf(grpcAddress), '--http-port', portOf(httpAddress)]
    this.#service = await serveReady(ports, { folder: this.#folder })
  }

  async close(): Promise<void> {
    await Promise.all([this.grpc.close(), this.http.close()])
  }
}

function portOf(address: string): string {
  return address.split(':').at(-1) ?? ''
}

let one: Instance
let other: Instance
const clients: IdClient[] = []
const loads = {
  direct: new ClientLoad(),
  merge: new ClientLoad(),
  lease: new ClientLoad(),
  now: new ClientLoad(),
}
const ALL = Object.values(loads)

beforeAll(async () => {
  const folder = newFolder()
  one = await Instance.start(folder)
  other = await Instance.start(folder)
  const options = { targets: [one.target, other.target], deadlineMs: DEADLINE_MS }
  const direct = createClient({ ...options, way: 'direct' })
  const merge = createClient(options)
  const lease = createClient({ ...options, way: 'lease', heldMax: HELD_MAX })
  clients.push(direct, merge, lease)
  loads.direct.ask(direct, TAG, 4)
  loads.merge.ask(merge, TAG, 16)
  loads.lease.ask(lease, TAG, 4)
  loads.now.askNow(lease, TAG, 1)
})

afterAll(async () => {
  await Promise.all(ALL.map((load) => load.stop()))
  await Promise.all(clients.map((client) => client.close()))
  await Promise.all([one, other].map((instance) => instance.close()))
})

/** Every way has gone on. */
async function goesOn(): Promise<void> {
  await Promise.all(ALL.map((load) => load.more(STEADY)))
}

/** Every way goes on over gRPC alone. A busy machine may take gRPC for silent, now and then. */
async function goesOnOverGrpc(): Promise<void> {
  const overHttp = () => one.http.packets + other.http.packets
  let before: number
  do {
    before = overHttp()
    await goesOn()
  } while (overHttp() > before)
}

function expectNoRefusals(): void {
  expect(ALL.flatMap(({ refusals }) => refusals)).toEqual([])
}

describe('the load goes on', () => {
  test('while nothing is broken', async () => {
    await goesOnOverGrpc()
    expectNoRefusals()
  })

  test('over HTTP while the ports of gRPC are dead, and over gRPC when they are back', async () => {
    for (const { grpc } of [one, other]) grpc.refuse()
    await goesOn()
    expect([one, other].map(({ grpc }) => grpc.open)).toEqual([0, 0])
    expect(one.http.open + other.http.open).toBeGreaterThan(0)
    for (const { grpc } of [one, other]) grpc.accept()
    await goesOnOverGrpc()
    expectNoRefusals()
  })

  test('while one of two instances is dead', async () => {
    await one.kill()
    await goesOn()
    await one.comeBack()
    expectNoRefusals()
  })

  test('while the other one is dead', async () => {
    await other.kill()
    await goesOn()
    expectNoRefusals()
  })

  test('by itself after both were dead for longer than a caller waits', async () => {
    await one.kill()
    await pause(DEADLINE_MS + LATE_MS)
    await Promise.all([one.comeBack(), other.comeBack()])
    await goesOn()
  })
})

test('no id left twice, and nobody waited past the deadline', async () => {
  await Promise.all(ALL.map((load) => load.stop()))
  const ids = ALL.flatMap((load) => load.ids)
  expect(ids.length).toBeGreaterThan(ALL.length * STEADY * 6)
  expect(new Set(ids).size).toBe(ids.length)
  for (const load of ALL) expect(load.slowestMs).toBeLessThan(DEADLINE_MS + LATE_MS)
  const told = new Set(ALL.flatMap(({ refusals }) => refusals))
  told.delete('DEADLINE_EXCEEDED')
  expect([...told]).toEqual(['STORE_UNAVAILABLE'])
})
