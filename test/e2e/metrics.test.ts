import { describe, expect, test } from '@jest/globals'
import { Exposition } from '../support/exposition.ts'
import { Load } from '../support/load.ts'
import { type RunningService, serveReady } from '../support/running-service.ts'

const TAG = 'order-service'

async function scrape({ httpAddress }: RunningService): Promise<Exposition> {
  const answer = await fetch(`http://${httpAddress}/metrics`)
  expect(answer.status).toBe(200)
  return new Exposition(await answer.text())
}

/** How many ids callers got of a tag. */
function countOf(load: Load, tag: string): number {
  const ranges = load.answers(tag).flatMap((answer) => answer.ranges)
  return ranges.reduce((count, { first, last }) => count + Number(last - first) + 1, 0)
}

describe('under load', () => {
  test('ids and calls are counted, each once', async () => {
    const service = await serveReady()
    const load = new Load(Number(service.grpcAddress.split(':')[1]), [TAG, 'snowflake'], 1000)
    for (let call = 0; call < 200; call++) await service.nextId(TAG)
    await load.stop()
    expect(load.refusals).toEqual([])
    const scraped = await scrape(service)

    for (const [tag, more] of [
      [TAG, 200],
      ['snowflake', 0],
    ] as const) {
      const issued = scraped.sum('goloves_ids_issued_total', { tag })
      expect(issued).toBe(countOf(load, tag) + more)
    }
    const route = { method: 'POST', route: '/v1/tags/{tag}:nextId' }
    expect(scraped.sum('http_requests_total', { ...route, status: '200' })).toBe(200)
    expect(scraped.sum('http_request_duration_seconds_count', route)).toBe(200)
    const answers = load.answers(TAG).length + load.answers('snowflake').length
    const unary = (name: string, labels = {}) =>
      scraped.sum(name, { grpc_method: 'NextId', ...labels }) +
      scraped.sum(name, { grpc_method: 'NextIds', ...labels })
    const streamed = scraped.sum('grpc_server_msg_sent_total', { grpc_method: 'StreamIds' })
    expect(unary('grpc_server_started_total') + streamed).toBe(answers)
    expect(unary('grpc_server_handled_total', { grpc_code: 'OK' }) + streamed).toBe(answers)
    expect(unary('grpc_server_handling_seconds_count') + streamed).toBe(answers)
    expect(scraped.sum('goloves_store_up')).toBe(1)
    expect(scraped.sum('goloves_refill_seconds_count')).toBeGreaterThan(0)
  })
})
