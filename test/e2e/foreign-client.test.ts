import { join } from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import { PACKAGE_ROOT } from '../../cmd/idgen/package-root.ts'
import { type Ended, Program } from '../support/program.ts'
import { type RunningService, serveReady } from '../support/running-service.ts'

// `buf curl` is not ours and knows nothing of our contract: it asks the service for it.

const BUF = join(PACKAGE_ROOT, 'node_modules', '@bufbuild', 'buf', 'bin', 'buf')

const ERROR = z.object({
  code: z.string(),
  message: z.string(),
  details: z.array(z.object({ type: z.string(), value: z.string() })),
})

let service: RunningService

beforeAll(async () => {
  service = await serveReady()
})

function bufCurl(method: string, request: object): Promise<Ended> {
  const url = `http://${service.grpcAddress}/${method}`
  const flags = ['--protocol', 'grpc', '--http2-prior-knowledge', '--data', JSON.stringify(request)]
  return new Program([BUF, 'curl', ...flags, url]).ended
}

async function answer(method: string, request: object): Promise<unknown> {
  const { code, stdout, stderr } = await bufCurl(method, request)
  expect(`${code} ${stderr}`).toBe('0 ')
  return JSON.parse(stdout)
}

describe('a program that is not ours', () => {
  test('takes an id, then a thousand', async () => {
    const tag = 'order-service'
    expect(await answer('goloves.v1.IdService/NextId', { tag })).toStrictEqual({ id: '2' })
    expect(await answer('goloves.v1.IdService/NextIds', { tag, count: '900' })).toStrictEqual({
      ranges: [{ first: '3', last: '902', step: '1' }],
    })
  })

  test('lists the tags', async () => {
    expect(await answer('goloves.v1.TagService/ListTags', {})).toMatchObject({
      tags: [
        { tag: 'order-service', mode: 'MODE_SEGMENT', step: '1000' },
        { tag: 'snowflake', mode: 'MODE_SNOWFLAKE', layout: 'twitter' },
      ],
    })
  })

  test('asks for the health', async () => {
    expect(await answer('grpc.health.v1.Health/Check', {})).toStrictEqual({ status: 'SERVING' })
  })

  test('reads from a refusal what is wrong', async () => {
    const { code, stderr } = await bufCurl('goloves.v1.IdService/NextId', { tag: 'unknown' })
    expect(code).not.toBe(0)
    const error = ERROR.parse(JSON.parse(stderr))
    expect(error).toMatchObject({ code: 'not_found', message: 'There is no tag "unknown".' })
    expect(error.details.map(({ type }) => type)).toStrictEqual(['google.rpc.ErrorInfo'])
    // In the bytes of an ErrorInfo, its reason and its domain stand as they are.
    const bytes = Buffer.from(error.details[0]?.value ?? '', 'base64').toString('latin1')
    expect(bytes).toContain('TAG_NOT_FOUND')
    expect(bytes).toContain('goloves')
  })
})
