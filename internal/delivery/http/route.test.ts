import { describe, expect, test } from '@jest/globals'
import { exchange, liveHttp } from '../../../test/support/live-http.ts'
import type { UseCases } from '../use-cases.ts'

/** Answers with 7, and remembers for which tag. */
function remembering(tags: string[]): Partial<UseCases> {
  return {
    nextId: {
      execute: (tag) => {
        tags.push(tag)
        return 7n
      },
    },
  }
}

describe('what stands in the path for a tag reaches the use case', () => {
  test.each([
    ['a plain tag', 'order-service', 'order-service'],
    ['an empty tag', '', ''],
    ['a percent-encoded tag', 'order%2Dservice', 'order-service'],
    ['a percent-encoded slash', 'a%2Fb', 'a/b'],
    ['a colon inside, since the verb is what follows the last one', 'a:b', 'a:b'],
    ['another verb inside', 'a:nextIds', 'a:nextIds'],
    ['a percent-encoded colon', 'a%3Ab', 'a:b'],
    ['an emoji', '%F0%9F%98%80', '😀'],
    ['129 characters', 'a'.repeat(129), 'a'.repeat(129)],
    ['5,000 characters', 'a'.repeat(5000), 'a'.repeat(5000)],
    ['a name that objects have', '__proto__', '__proto__'],
  ])('%s', async (_name, inPath, tag) => {
    const tags: string[] = []
    const { url } = await liveHttp(remembering(tags))
    const answer = await fetch(`${url}/v1/tags/${inPath}:nextId`, { method: 'POST' })
    expect(await answer.json()).toEqual({ id: '7' })
    expect(tags).toEqual([tag])
  })

  test('also by the path of Leaf', async () => {
    const tags: string[] = []
    const { url } = await liveHttp(remembering(tags))
    for (const inPath of ['a', '', '%F0%9F%98%80', 'a'.repeat(129)]) {
      const answer = await fetch(`${url}/api/segment/get/${inPath}?_=1`)
      expect(await answer.text()).toBe('7')
      expect(answer.headers.get('cache-control')).toBe('no-store')
    }
    expect(tags).toEqual(['a', '', '😀', 'a'.repeat(129)])
  })
})

describe('a question that no route answers', () => {
  test.each([
    ['GET', '/', 404, null],
    ['POST', '/v1/tags/a:bogus', 404, null],
    ['GET', '/v1/tags/a:bogus', 404, null],
    ['POST', '/v1/tags/a/b:nextId', 404, null],
    ['POST', '/V1/tags/a:nextId', 404, null],
    ['GET', '/openapiXjson', 404, null],
    ['GET', '/v1/tags/a:nextId', 405, 'POST'],
    ['PUT', '/v1/tags/a:nextId', 405, 'POST'],
    ['HEAD', '/api/segment/get/a', 405, 'GET'],
    ['POST', '/api/segment/get/a', 405, 'GET'],
    ['OPTIONS', '/v1/tags?x=1', 405, 'GET, POST'],
    ['PROPFIND', '/v1/tags/a', 405, 'GET, PATCH, DELETE'],
    ['POST', '/healthz', 405, 'GET'],
  ])('%s %s: %i', async (method, path, status, allow) => {
    const tags: string[] = []
    const { url } = await liveHttp(remembering(tags))
    const answer = await fetch(`${url}${path}`, { method })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('allow')).toBe(allow)
    expect(answer.headers.get('content-type')).toMatch('application/problem+json')
    if (method !== 'HEAD') {
      expect(await answer.json()).toMatchObject({
        code: status === 404 ? 'ROUTE_NOT_FOUND' : 'METHOD_NOT_ALLOWED',
      })
    }
    expect(tags).toEqual([])
  })

  test('a body of any kind does not hide that there is no such path', async () => {
    const { url } = await liveHttp({})
    const headers = { 'content-type': 'text/csv' }
    const answer = await fetch(`${url}/nowhere`, { method: 'POST', headers, body: 'a,b' })
    expect(await answer.json()).toMatchObject({ status: 404, code: 'ROUTE_NOT_FOUND' })
  })

  test.each(['/api/segment/get/%zz', '/v1/tags/%E0%A4%A'])(
    'a path that is no text: %s',
    async (path) => {
      const { port } = await liveHttp({})
      const answer = await exchange(
        port,
        `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      )
      expect(answer).toMatch('HTTP/1.1 400 Bad Request')
      expect(answer).toMatch('"code":"REQUEST_INVALID"')
      expect(answer).not.toMatch('FST_')
    },
  )

  test.each(['*', 'http://x/nowhere', 'http://'])('an odd target: %s', async (target) => {
    const { port } = await liveHttp({})
    const request = `OPTIONS ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`
    expect(await exchange(port, request)).toMatch(/"code":"(ROUTE_NOT_FOUND|REQUEST_INVALID)"/)
  })
})
