import { describe, expect, test } from '@jest/globals'
import { exchange, LIMITS, liveHttp } from '../../../test/support/live-http.ts'
import type { UseCases } from '../use-cases.ts'

const counts: Partial<UseCases> = {
  nextId: { execute: () => 1n },
  nextIds: { execute: (_tag, count) => [{ first: 1n, last: count }] },
}
const CHUNKED_HEAD = [
  'POST /v1/tags/a:nextIds HTTP/1.1',
  'Host: x',
  'Content-Type: application/json',
  'Transfer-Encoding: chunked',
  '\r\n',
].join('\r\n')
const JSON_TYPE = { 'content-type': 'application/json' }

async function post(url: string, body: string, headers: Record<string, string> = JSON_TYPE) {
  const answer = await fetch(url, { method: 'POST', headers, body })
  const value: unknown = await answer.json()
  return { status: answer.status, value }
}

describe('the count of nextIds', () => {
  test.each([
    ['5', '5'],
    ['"5"', '5'],
    ['5.0', '5'],
    ['1e3', '1000'],
    ['"9223372036854775807"', '9223372036854775807'],
    ['9223372036854775808', '9223372036854775808'],
    ['"-1"', '-1'],
  ])('%s reaches the use case', async (count, last) => {
    const { url } = await liveHttp(counts)
    const { value } = await post(`${url}/v1/tags/a:nextIds`, `{"count":${count}}`)
    expect(value).toEqual({ ranges: [{ first: '1', last, step: '1' }] })
  })

  test('1e300 reaches the use case as the whole number that it is', async () => {
    const { url } = await liveHttp(counts)
    const { value } = await post(`${url}/v1/tags/a:nextIds`, '{"count":1e300}')
    expect(value).toMatchObject({ ranges: [{ last: String(BigInt(1e300)) }] })
  })

  test.each(['1.5', '"1.5"', '"1e3"', '""', '" 5"', '"0x10"', 'null', 'true', '[5]', '{}'])(
    '%s is refused by name',
    async (count) => {
      const { url } = await liveHttp(counts)
      const { value } = await post(`${url}/v1/tags/a:nextIds`, `{"count":${count}}`)
      expect(value).toMatchObject({
        code: 'REQUEST_INVALID',
        detail:
          'The body is not as expected: count: expected a whole number, or its digits in a string.',
      })
    },
  )
})

describe('a body that is refused', () => {
  const large = `{"count":5${' '.repeat(LIMITS.maxBodyBytes)}}`
  test.each([
    ['broken JSON', '{"count":', JSON_TYPE, 400, 'REQUEST_INVALID', 'JSON'],
    ['no object', '5', JSON_TYPE, 400, 'REQUEST_INVALID', 'object'],
    ['nothing where something is needed', '', JSON_TYPE, 400, 'REQUEST_INVALID', 'object'],
    [
      'unknown fields',
      '{"count":5,"size":1,"n":2}',
      JSON_TYPE,
      400,
      'REQUEST_INVALID',
      '"size", "n"',
    ],
    ['a prototype', '{"count":5,"__proto__":{}}', JSON_TYPE, 400, 'REQUEST_INVALID', '__proto__'],
    [
      'a constructor',
      '{"count":5,"constructor":{"prototype":{}}}',
      JSON_TYPE,
      400,
      'REQUEST_INVALID',
      'constructor',
    ],
    [
      'no content type',
      '{"count":5}',
      { 'content-type': '' },
      415,
      'MEDIA_TYPE_UNSUPPORTED',
      'application/json',
    ],
    [
      'a form',
      'count=5',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'MEDIA_TYPE_UNSUPPORTED',
      'application/json',
    ],
    [
      'plain text',
      '{"count":5}',
      { 'content-type': 'text/plain' },
      415,
      'MEDIA_TYPE_UNSUPPORTED',
      'application/json',
    ],
    [
      'a type that only begins like JSON',
      '{"count":5}',
      { 'content-type': 'application/json-seq' },
      415,
      'MEDIA_TYPE_UNSUPPORTED',
      'application/json',
    ],
    [
      'a type that is none',
      '{"count":5}',
      { 'content-type': 'json' },
      415,
      'MEDIA_TYPE_UNSUPPORTED',
      'application/json',
    ],
    ['too large', large, JSON_TYPE, 413, 'REQUEST_TOO_LARGE', '65536 bytes'],
  ])('%s', async (_name, body, headers, status, code, detail) => {
    const { url, reported } = await liveHttp(counts)
    const answer = await post(`${url}/v1/tags/a:nextIds`, body, headers)
    expect(answer).toMatchObject({ status, value: { status, code } })
    expect(answer.value).toHaveProperty('detail', expect.stringContaining(detail))
    expect(reported).toEqual([])
    expect((await post(`${url}/v1/tags/a:nextIds`, '{"count":5}')).status).toBe(200)
  })
})

describe('a call that needs no body', () => {
  test.each([
    ['takes an empty one that calls itself JSON', '', JSON_TYPE, 200],
    ['takes an empty object', '{}', { 'content-type': 'Application/JSON; charset=utf-8' }, 200],
    ['refuses fields', '{"count":5}', JSON_TYPE, 400],
    [
      'refuses another type',
      'count=5',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
    ],
  ])('%s', async (_name, body, headers, status) => {
    const { url } = await liveHttp(counts)
    expect((await post(`${url}/v1/tags/a:nextId`, body, headers)).status).toBe(status)
  })
})

test.each([
  ['POST', ':freeze'],
  ['POST', ':unfreeze'],
  ['POST', ':nextId'],
  ['DELETE', ''],
])('%s %s refuses fields that it does not know', async (method, verb) => {
  const { url } = await liveHttp({})
  const answer = await fetch(`${url}/v1/tags/a${verb}`, {
    method,
    headers: JSON_TYPE,
    body: '{"x":1}',
  })
  expect(await answer.json()).toMatchObject({
    code: 'REQUEST_INVALID',
    detail: expect.stringContaining('"x"'),
  })
})

test('faults are told in few words, however many there are', async () => {
  const { url } = await liveHttp(counts)
  const { value } = await post(`${url}/v1/tags/a:nextIds`, `{"${'x'.repeat(5000)}":1}`)
  expect(value).toHaveProperty('detail', expect.stringMatching(/^.{50,400}$/))
})

test('a body may come in pieces, and what is too large of it is refused', async () => {
  const { port } = await liveHttp(counts)
  const chunked = (...chunks: string[]) => {
    const sized = [...chunks, ''].map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`)
    return `${CHUNKED_HEAD}${sized.join('')}`
  }
  const answers = await exchange(port, chunked('{"cou', 'nt":5}') + chunked('x'.repeat(70_000)))
  expect(answers).toMatch('"last":"5"')
  expect(answers).toMatch('"code":"REQUEST_TOO_LARGE"')
})

test('a connection stays usable after each error whose request was read to its end', async () => {
  const { port } = await liveHttp(counts)
  const ask = (path: string, type: string, body: string, more = '') =>
    `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`
  const answers = await exchange(
    port,
    ask('/v1/tags/a:nextIds', 'application/json', '{"cou') +
      ask('/v1/tags/a:nextIds', 'text/csv', 'a,b') +
      ask('/nowhere', 'application/json', '{}') +
      ask('/v1/tags/a', 'application/json', '{}') +
      ask('/v1/tags/a:nextId', 'application/json', '{}', 'Request-Timeout-Ms: 0\r\n') +
      ask('/v1/tags/a:nextIds', 'application/json', '{"count":5}', 'Connection: close\r\n'),
  )
  const statuses = [...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)
  expect(statuses).toEqual(['400', '415', '404', '405', '400', '200'])
})
