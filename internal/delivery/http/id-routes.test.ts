import { describe, expect, test } from '@jest/globals'
import { liveHttp } from '../../../test/support/live-http.ts'

/** Remembers what is to be decoded, and answers with the same parts. */
function decoding() {
  const asked: string[][] = []
  const execute = async (...question: string[]) => {
    asked.push(question)
    return { timeMs: Date.UTC(2026, 10, 21), worker: 1023, sequence: 4095 }
  }
  return { asked, useCases: { decodeId: { execute } } }
}

test('a range tells how far its ids are apart', async () => {
  const nextIds = {
    execute: () => [
      { first: 1n, last: 131_073n, step: 65_536n },
      { first: 2n ** 62n, last: 2n ** 62n + 1n },
    ],
  }
  const { url } = await liveHttp({ nextIds })
  const answer = await fetch(`${url}/v1/tags/a:nextIds`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"count":5}',
  })
  expect(await answer.json()).toEqual({
    ranges: [
      { first: '1', last: '131073', step: '65536' },
      { first: '4611686018427387904', last: '4611686018427387905', step: '1' },
    ],
  })
})

describe('decoding', () => {
  test('tells the time as a number and as text', async () => {
    const { asked, useCases } = decoding()
    const { url } = await liveHttp(useCases)
    const answer = await fetch(`${url}/v1/tags/a:b:decodeId?id=9223372036854775807`)
    expect(await answer.json()).toEqual({
      timeMs: 1795219200000,
      time: '2026-11-21T00:00:00.000Z',
      worker: 1023,
      sequence: 4095,
    })
    expect(asked).toEqual([['a:b', '9223372036854775807']])
  })

  test.each(['', 'x', '-1', '1.5', '9223372036854775808'])(
    'the id "%s" is for the use case to judge',
    async (id) => {
      const { asked, useCases } = decoding()
      const { url } = await liveHttp(useCases)
      await fetch(`${url}/v1/tags/a:decodeId?id=${id}`)
      expect(asked).toEqual([['a', id]])
    },
  )

  test.each([
    ['', 'id: '],
    ['?id=1&id=2', 'id: '],
    ['?id=1&tag=b', '"tag"'],
  ])('a query of "%s" is refused by name', async (query, name) => {
    const { asked, useCases } = decoding()
    const { url } = await liveHttp(useCases)
    const answer = await fetch(`${url}/v1/tags/a:decodeId${query}`)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({
      code: 'REQUEST_INVALID',
      detail: expect.stringContaining(name),
    })
    expect(asked).toEqual([])
  })
})
