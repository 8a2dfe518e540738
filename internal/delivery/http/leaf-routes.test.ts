import { describe, expect, test } from '@jest/globals'
import { idInvalid, storeUnavailable } from '../../../pkg/errors/failures.ts'
import { liveHttp } from '../../../test/support/live-http.ts'

/** Gives out 2^62 of whatever tag is asked for, and remembers which that was. */
function givingOut(tags: string[]) {
  const execute = (tag: string) => {
    tags.push(tag)
    return 2n ** 62n
  }
  return { nextId: { execute } }
}

describe('an id by the path for snowflakes', () => {
  test.each(['order', '', 'a:b', 'a:nextId', '%F0%9F%98%80', 'x%2Fy', 'a'.repeat(5000), 'k?tag=z'])(
    'is one of the tag snowflake whatever the key is: "%s"',
    async (key) => {
      const tags: string[] = []
      const { url } = await liveHttp(givingOut(tags))
      const answer = await fetch(`${url}/api/snowflake/get/${key}`)
      expect(await answer.text()).toBe('4611686018427387904')
      expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8')
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(tags).toEqual(['snowflake'])
    },
  )

  test('may be a promise', async () => {
    const { url } = await liveHttp({ nextId: { execute: async () => 5n } })
    expect(await (await fetch(`${url}/api/snowflake/get/a`)).text()).toBe('5')
  })

  test.each([
    ['HEAD', '/api/snowflake/get/a', 405],
    ['POST', '/api/snowflake/get/a:b', 405],
    ['GET', '/api/snowflake/get/a/b', 404],
    ['GET', '/api/snowflake/get', 404],
  ])('is not spent on %s %s', async (method, path, status) => {
    const tags: string[] = []
    const { url } = await liveHttp(givingOut(tags))
    const answer = await fetch(url + path, { method })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('allow')).toBe(status === 405 ? 'GET' : null)
    expect(tags).toEqual([])
  })

  test('that is not to be had is a problem, never a number', async () => {
    const execute = async () => {
      throw storeUnavailable(500)
    }
    const { url } = await liveHttp({ nextId: { execute } })
    const answer = await fetch(`${url}/api/snowflake/get/a`)
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({ code: 'STORE_UNAVAILABLE', retryAfterMs: 500 })
  })
})

describe('an id decoded as Leaf does it', () => {
  test('has Leaf’s three strings, with the time in UTC', async () => {
    const asked: string[][] = []
    const execute = async (...question: string[]) => {
      asked.push(question)
      return { timeMs: 1_581_515_395_007, worker: 6, sequence: 0 }
    }
    const { url } = await liveHttp({ decodeId: { execute } })
    const answer = await fetch(`${url}/decodeSnowflakeId?snowflakeId=1227530347123&_=1`)
    expect(await answer.json()).toEqual({
      timestamp: '1581515395007(2020-02-12 13:49:55.007)',
      sequenceId: '0',
      workerId: '6',
    })
    expect(asked).toEqual([['snowflake', '1227530347123']])
  })

  test('that is none has a status of its own', async () => {
    const execute = async (_tag: string, id: string) => {
      throw idInvalid(id, 'twitter')
    }
    const { url } = await liveHttp({ decodeId: { execute } })
    const answer = await fetch(`${url}/decodeSnowflakeId?snowflakeId=abc`)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ code: 'ID_INVALID' })
  })

  test.each(['', '?id=5', '?snowflakeId=1&snowflakeId=2'])(
    'has to be in the query, and "%s" is none',
    async (query) => {
      const { url } = await liveHttp({})
      const answer = await fetch(`${url}/decodeSnowflakeId${query}`)
      expect(answer.status).toBe(400)
      expect(await answer.json()).toMatchObject({
        code: 'REQUEST_INVALID',
        detail: expect.stringContaining('snowflakeId: '),
      })
    },
  )
})
