import { expect, test } from '@jest/globals'
import { countOutOfRange, tagNotFound } from '../../../pkg/errors/failures.ts'
import { COUNT_MAX, ERROR_CASES, KNOWN_TAG } from '../../../test/contract/error-cases.ts'
import { liveHttp } from '../../../test/support/live-http.ts'
import { parseTagName } from '../../domain/entity/tag.ts'
import type { UseCases } from '../use-cases.ts'
import { STATUS_OF_CODE } from './status.ts'

/** Use cases that fail with `failure`, or else as the real ones do over a store with the known tag. */
function failing(failure: unknown): Partial<UseCases> {
  const check = (tag: string) => {
    if (failure !== undefined) throw failure
    if (parseTagName(tag) !== KNOWN_TAG) throw tagNotFound(tag)
  }
  return {
    nextId: {
      execute: async (tag) => {
        check(tag)
        return 1n
      },
    },
    nextIds: {
      execute: (tag, count) => {
        if (count < 1n || count > COUNT_MAX) throw countOutOfRange(String(count), COUNT_MAX)
        check(tag)
        return [{ first: 1n, last: count }]
      },
    },
    decodeId: { execute: () => Promise.reject(failure) },
  }
}

test.each(ERROR_CASES)('$name is $code', async ({ call, failure, code, retryAfterMs }) => {
  const { url, reported } = await liveHttp(failing(failure))
  const answer = await ask(`${url}/v1/tags/${encodeURIComponent(call.tag)}`, call)
  const text = await answer.text()

  expect(answer.status).toBe(STATUS_OF_CODE[code])
  expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
  expect(JSON.parse(text)).toMatchObject({ type: 'about:blank', status: answer.status, code })
  expect(JSON.parse(text).retryAfterMs).toBe(retryAfterMs)
  const wait = retryAfterMs === undefined ? null : String(Math.ceil(retryAfterMs / 1000))
  expect(answer.headers.get('retry-after')).toBe(wait)
  expect(text).not.toMatch(/password|swordfish|stack/)
  expect(reported).toEqual(code === 'INTERNAL' ? [failure] : [])
})

function ask(path: string, { count, id }: (typeof ERROR_CASES)[number]['call']) {
  if (id !== undefined) return fetch(`${path}:decodeId?id=${id}`)
  if (count === undefined) return fetch(`${path}:nextId`, { method: 'POST' })
  return fetch(`${path}:nextIds`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: `{"count":${count}}`,
  })
}

test('the text of a count in a string is judged like the number', async () => {
  const { url } = await liveHttp(failing(undefined))
  for (const { call, code } of ERROR_CASES) {
    if (call.count === undefined || call.tag !== KNOWN_TAG) continue
    const answer = await fetch(`${url}/v1/tags/${KNOWN_TAG}:nextIds`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ count: call.count }),
    })
    expect(await answer.json()).toMatchObject({ code })
  }
})
