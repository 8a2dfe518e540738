import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, test } from '@jest/globals'
import { fastify } from 'fastify'
import { liveHttp } from '../../../test/support/live-http.ts'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import type { Caller } from '../../domain/generator/caller.ts'
import { HttpCall, type HttpRequest } from './http-call.ts'

/** Stands still, and counts how often it is asked. */
class WatchedClock extends ManualClock {
  asked = 0

  override monotonicMs(): number {
    this.asked += 1
    return super.monotonicMs()
  }
}

const LIMITS = { defaultMs: 5000, maxMs: 30_000 }
const POST = 'POST /v1/tags/a:nextId HTTP/1.1\r\nHost: x\r\n\r\n'

describe('a deadline', () => {
  test.each([
    ['none', {}, 5000 - 50],
    ['1 ms', { 'request-timeout-ms': '1' }, 1 - 0.1],
    ['2 s', { 'request-timeout-ms': '2000' }, 2000 - 50],
    ['beyond the most', { 'request-timeout-ms': '999999999999999' }, 30_000 - 50],
  ])('of %s stands from when it is first asked for', async (_name, headers, deadlineMs) => {
    const deadlines: number[] = []
    const clock = new ManualClock()
    const nextId = {
      execute: async (_tag: string, caller: Caller) => {
        deadlines.push(caller.deadlineMs)
        await clock.advance(10)
        deadlines.push(caller.deadlineMs)
        return 1n
      },
    }
    const { url } = await liveHttp({ nextId }, { clock })
    await fetch(`${url}/v1/tags/a:nextId`, { method: 'POST', headers })
    expect(deadlines).toEqual([deadlineMs, deadlineMs])
  })

  test.each(['0', '-1', '1.5', '', '5s', '1e3', '9'.repeat(400), '1, 2'])(
    'of "%s" is refused',
    async (timeout) => {
      const { url } = await liveHttp({ nextId: { execute: () => 1n } })
      const headers = { 'request-timeout-ms': timeout }
      const answer = await fetch(`${url}/v1/tags/a:nextId`, { method: 'POST', headers })
      expect(await answer.json()).toMatchObject({
        code: 'REQUEST_INVALID',
        detail: 'Request-Timeout-Ms is a whole number of milliseconds from 1.',
      })
    },
  )

  test('an id from memory asks for the time only to tell how long it took, and sets no timer', async () => {
    const clock = new WatchedClock()
    const { url } = await liveHttp({ nextId: { execute: () => 1n } }, { clock })
    await fetch(`${url}/v1/tags/a:nextId`, { method: 'POST' })
    expect(clock.asked).toBe(2)
    expect(clock.pending).toBe(0)
  })

  test('ends the wait for a store that never answers', async () => {
    const clock = new ManualClock()
    const asked = Promise.withResolvers<void>()
    const getTag = {
      execute: () => {
        setImmediate(asked.resolve)
        return new Promise<never>(() => {})
      },
    }
    const { url } = await liveHttp({ getTag }, { clock })
    const answer = fetch(`${url}/v1/tags/a`, { headers: { 'request-timeout-ms': '100' } })
    await asked.promise
    expect(clock.pending).toBe(1)
    await clock.advance(90)
    expect(await (await answer).json()).toMatchObject({ code: 'DEADLINE_EXCEEDED' })
  })

  test('leaves no timer behind a store that answers in time', async () => {
    const clock = new ManualClock()
    const deleteTag = { execute: async () => {} }
    const { url } = await liveHttp({ deleteTag }, { clock })
    expect((await fetch(`${url}/v1/tags/a`, { method: 'DELETE' })).status).toBe(204)
    expect(clock.pending).toBe(0)
  })
})

describe('a caller that leaves', () => {
  test('is noticed, also one of many on a pipelined connection, and the server serves on', async () => {
    const gone: number[] = []
    const allThere = Promise.withResolvers<void>()
    const allGone = Promise.withResolvers<void>()
    let asked = 0
    const nextId = {
      execute: (_tag: string, caller: Caller) => {
        asked += 1
        const mine = asked
        if (asked > 20) return 1n
        return new Promise<bigint>((_resolve, reject) => {
          caller.onLeave(() => {
            reject(new Error(`${mine} has left`))
            if (gone.push(mine) === 20) allGone.resolve()
          })
          if (asked === 20) allThere.resolve()
        })
      },
    }
    const { url, port } = await liveHttp({ nextId })
    const socket = connect(port, '127.0.0.1', () => socket.write(POST.repeat(20)))
    await allThere.promise
    socket.destroy()
    await allGone.promise
    expect(gone).toHaveLength(20)
    expect((await fetch(`${url}/v1/tags/a:nextId`, { method: 'POST' })).status).toBe(200)
  })

  test('is no longer watched for once it is answered', async () => {
    const left: number[] = []
    const gone = Promise.withResolvers<void>()
    let asked = 0
    const nextId = {
      execute: async (_tag: string, caller: Caller) => {
        asked += 1
        const mine = asked
        caller.onLeave(() => {
          left.push(mine)
          gone.resolve()
        })
        if (mine === 2) socket.destroy()
        return mine === 1 ? 1n : new Promise<never>(() => {})
      },
    }
    const { port } = await liveHttp({ nextId })
    const socket = connect(port, '127.0.0.1', () => socket.write(POST))
    await once(socket, 'data')
    socket.write(POST)
    await gone.promise
    expect(left).toEqual([2])
  })

  test('is watched for once, however often it waits, and its last wait is told', async () => {
    const app = fastify()
    const told = Promise.withResolvers<number>()
    const listeners: number[] = []
    app.get('/', (request: HttpRequest, { raw: response }) => {
      const { socket } = request.raw
      const call = new HttpCall(request, response, new ManualClock(), LIMITS)
      const before = [socket.listenerCount('close'), response.listenerCount('close')]
      for (let wait = 1; wait <= 1000; wait++) call.onLeave(() => told.resolve(wait))
      const after = [socket.listenerCount('close'), response.listenerCount('close')]
      listeners.push(...after.map((count, index) => count - (before[index] ?? 0)))
      caller.destroy()
    })
    const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
    const caller = connect(Number(url.port), url.hostname)
    caller.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    const lastTold = await told.promise
    await app.close()
    expect(lastTold).toBe(1000)
    expect(listeners).toEqual([1, 1])
  })

  test('is noticed also when it left before anybody watched', async () => {
    const noticed = Promise.withResolvers<void>()
    const nextId = {
      execute: (_tag: string, caller: Caller) => {
        caller.onLeave(() => caller.onLeave(noticed.resolve))
        socket.destroy()
        return new Promise<never>(() => {})
      },
    }
    const { port } = await liveHttp({ nextId })
    const socket = connect(port, '127.0.0.1', () => socket.write(POST))
    await noticed.promise
  })
})
