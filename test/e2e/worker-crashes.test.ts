import { once } from 'node:events'
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from '@jest/globals'
import { z } from 'zod'
import { PACKAGE_ROOT } from '../../cmd/idgen/package-root.ts'
import { eventually } from '../support/eventually.ts'
import type { RunningService } from '../support/running-service.ts'
import { replaced, serveTogether, workerOf } from '../support/worker-processes.ts'

// One service of two processes, of which one stands still or ends.

const TAG = 'order-service'
const PATIENCE_MS = 2000

/** Asks on a new connection. @returns The answer, or nothing if there is none. */
async function ask(service: RunningService, path: string, method = 'GET'): Promise<string> {
  const call = request(`http://${service.httpAddress}${path}`, { method, agent: false }).end()
  call.setTimeout(PATIENCE_MS, () => call.destroy())
  try {
    const [response] = await once(call, 'response')
    return await text(response)
  } catch {
    return ''
  }
}

/** How many instances of the service answer, and how many do not. */
async function counts(service: RunningService) {
  const answer = await ask(service, `/v1/tags/${TAG}:state`)
  if (answer === '') return undefined
  const State = z.object({ instances: z.array(z.object({})), silentInstances: z.number() })
  const { instances, silentInstances } = State.parse(JSON.parse(answer))
  return { answer: instances.length, silent: silentInstances }
}

const ONE_QUESTION = 'GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'

/** What was logged of one process, in order. */
function messagesOf(log: string, number: number): string[] {
  const Line = z.object({ process: z.number(), msg: z.string() })
  const lines = log
    .trimEnd()
    .split('\n')
    .map((line) => Line.parse(JSON.parse(line)))
  return lines.filter((line) => line.process === number).map(({ msg }) => msg)
}

/** Connects several times at once, and sends something. */
function connectAll(service: RunningService, count: number, bytes = ''): Socket[] {
  const port = Number(service.httpAddress.split(':')[1])
  return Array.from({ length: count }, () => {
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    socket.write(bytes)
    return socket.resume()
  })
}

/** Waits until so many of them were closed by the service. @returns The others. */
async function closed(sockets: readonly Socket[], count: number): Promise<Socket[]> {
  return await eventually(
    async () => sockets.filter((socket) => !socket.closed),
    (open) => open.length === sockets.length - count,
  )
}

test('one that stands still is left out, which is said; one that is killed is replaced', async () => {
  const service = await serveTogether(2)
  const still = workerOf(service, 1)
  process.kill(still.pid, 'SIGSTOP')
  // The next connection that it is given waits for it. All others go to the other one.
  const stuck = await closed(connectAll(service, 4, ONE_QUESTION), 3)
  expect(await counts(service)).toEqual({ answer: 1, silent: 1 })
  expect(await ask(service, '/readyz')).toBe('{"ready":true}')

  process.kill(still.pid, 'SIGKILL')
  await closed(stuck, 1)
  await replaced(service, still)
  await eventually(
    () => counts(service),
    (now) => now?.answer === 2 && now.silent === 0,
  )
  expect(service.program.records('Worker process ended')).toMatchObject([
    { process: 1, pid: still.pid, signal: 'SIGKILL' },
  ])
  const { code, stderr } = await service.stop()
  expect(code).toBe(0)
  // Its replacement listens only once it can serve.
  expect(messagesOf(stderr, 1).slice(0, 5)).toEqual([
    ...['Started', 'Ready', 'Worker process ended'],
    ...['Ready', 'Started'],
  ])
})

test('one that can not be replaced is tried again, while the other one serves', async () => {
  const env = {
    NODE_OPTIONS: `--import ${join(PACKAGE_ROOT, 'test', 'support', 'dying-worker.ts')}`,
    GOLOVES_TEST_WORKERS_THAT_LIVE: '2',
  }
  const service = await serveTogether(2, [], { env })
  process.kill(workerOf(service, 1).pid, 'SIGKILL')
  const ends = async () => service.program.records('Worker process ended').length
  await eventually(ends, (count) => count >= 4)
  expect(await counts(service)).toEqual({ answer: 1, silent: 0 })
  expect(await ask(service, '/readyz')).toBe('{"ready":true}')
  expect((await service.stop()).code).toBe(0)
})

test('both killed at once are replaced on the same ports', async () => {
  const service = await serveTogether(2)
  const both = [workerOf(service, 1), workerOf(service, 2)]
  for (const { pid } of both) process.kill(pid, 'SIGKILL')
  await Promise.all(both.map((worker) => replaced(service, worker)))
  await eventually(
    () => counts(service),
    (now) => now?.answer === 2,
  )
  expect((await service.stop()).code).toBe(0)
})

test('connections beyond the limit are closed at once', async () => {
  const service = await serveTogether(2, ['--http-max-connections', '2'])
  const sockets = connectAll(service, 10)
  // The first one asked whether the service is ready.
  await eventually(
    async () => sockets.filter((socket) => !socket.closed).length,
    (open) => open <= 4,
  )
  for (const socket of sockets) socket.destroy()
  expect((await service.stop()).code).toBe(0)
})
