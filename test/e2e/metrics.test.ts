import { readFile } from 'node:fs/promises'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { z } from 'zod'
import { mysqlTestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { Exposition } from '../support/exposition.ts'
import { FaultProxy } from '../support/fault-proxy.ts'
import { Load } from '../support/load.ts'
import { idgen } from '../support/program.ts'
import { matches, parsePromql } from '../support/promql.ts'
import { type RunningService, serveReady } from '../support/running-service.ts'
import { serveTogether, workerOf } from '../support/worker-processes.ts'

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

/** A service whose callers ask for ids in all ways, once some were answered. */
async function serveLoad(): Promise<{ service: RunningService; load: Load }> {
  const service = await serveReady()
  const load = new Load(Number(service.grpcAddress.split(':')[1]), [TAG, 'snowflake'], 1000)
  for (let call = 0; call < 200; call++) await service.nextId(TAG)
  return { service, load }
}

test('under load ids and calls are counted, each once', async () => {
  const { service, load } = await serveLoad()
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
  // The first, for whom there was nothing in memory yet.
  expect(scraped.sum('goloves_callers_waited_total')).toBeGreaterThan(0)
})

test('refusals are counted by their code, and make no series of their names', async () => {
  const service = await serveReady()
  await service.idgen('tag', 'freeze', TAG)
  for (const tag of ['unknown-1', 'unknown-2', TAG]) {
    await expect(service.nextId(tag)).rejects.toThrow()
    await expect(service.nextIdByGrpc(tag)).rejects.toThrow()
  }
  await service.http('GET', '/nowhere')
  const scraped = await scrape(service)
  for (const transport of ['grpc', 'http']) {
    const refused = (code: string) => scraped.sum('goloves_refusals_total', { transport, code })
    expect([refused('TAG_NOT_FOUND'), refused('TAG_FROZEN')]).toEqual([2, 1])
  }
  expect(scraped.sum('goloves_refusals_total', { code: 'ROUTE_NOT_FOUND' })).toBe(1)
  const handled = { grpc_method: 'NextId', grpc_code: 'NotFound' }
  expect(scraped.sum('grpc_server_handled_total', handled)).toBe(2)
  const route = '/v1/tags/{tag}:nextId'
  expect(scraped.sum('http_requests_total', { route, status: '404' })).toBe(2)
  expect(scraped.sum('http_requests_total', { route: 'none', status: '404' })).toBe(1)
  expect(scraped.sum('goloves_tags_frozen', { reason: 'operator' })).toBe(1)
  expect(scraped.of('goloves_tag_ids_ready')).toEqual([])
})

test('a store that is away is told of until it is there again', async () => {
  const database = await mysqlTestDatabase()
  const proxy = await FaultProxy.to(database.url)
  try {
    await idgen(['migrate', '--store-url', database.url])
    const settings = ['--store-url', proxy.url, '--tags-refresh-ms', '100']
    const service = await serveReady(settings)
    const isUp = (up: number) =>
      eventually(
        () => scrape(service),
        (scraped) => scraped.sum('goloves_store_up') === up,
      )
    await isUp(1)
    proxy.refuse()
    await isUp(0)
    await expect(service.nextId(TAG, 200)).rejects.toThrow('STORE_UNAVAILABLE')
    proxy.accept()
    await isUp(1)
    await service.stop()
  } finally {
    await proxy.close()
    await database.drop()
  }
})

test('several processes answer together, and one that does not is missed', async () => {
  const service = await serveTogether(3)
  const ids = await Promise.all(Array.from({ length: 60 }, () => service.nextId(TAG)))
  const scraped = await scrape(service)
  expect(scraped.sum('goloves_ids_issued_total', { tag: TAG })).toBe(ids.length)
  const numbers = scraped.of('goloves_build_info').map(({ labels }) => labels.get('process'))
  expect(numbers.toSorted()).toEqual(['1', '2', '3'])
  expect(scraped.of('process_start_time_seconds')).toHaveLength(3)
  expect(scraped.sum('goloves_processes', { state: 'expected' })).toBe(3)
  expect(scraped.sum('goloves_processes', { state: 'answered' })).toBe(3)

  const { pid } = workerOf(service, 2)
  process.kill(pid, 'SIGSTOP')
  try {
    // Connections are passed on in turn, also to the one that stands still.
    const answers = [1, 2, 3].map(() => scrape(service))
    const without = await Promise.any(answers)
    expect(without.of('goloves_build_info', { process: '2' })).toEqual([])
    expect(without.sum('goloves_processes', { state: 'expected' })).toBe(3)
    expect(without.sum('goloves_processes', { state: 'answered' })).toBe(2)
  } finally {
    process.kill(pid, 'SIGCONT')
  }
})

const Alerts = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.strictObject({
          alert: z.string(),
          expr: z.string(),
          for: z.string().regex(/^\d+[smh]$/),
          labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
          annotations: z.strictObject({
            summary: z.string(),
            description: z.string(),
            runbook_url: z.string(),
          }),
        }),
      ),
    }),
  ),
})

const Dashboard = z.object({
  panels: z.array(
    z.object({ id: z.int(), targets: z.array(z.object({ expr: z.string() })).default([]) }),
  ),
})

/** What Prometheus adds when it scrapes. */
const SCRAPED = ['job', 'instance']

async function deployment(path: string): Promise<string> {
  return await readFile(new URL(`../../deployments/${path}`, import.meta.url), 'utf8')
}

/** As Grafana fills it in. */
function filledIn(expression: string): string {
  return expression
    .replaceAll('$__rate_interval', '1m')
    .replaceAll('$instance', '.+')
    .replaceAll('$job', 'goloves')
}

/** What an expression reads that is not exported, each as a sentence. */
function missing(expression: string, scraped: Exposition): string[] {
  const { selectors, labels } = parsePromql(expression)
  const own = selectors.filter(({ metric }) => metric !== 'up')
  const series = own.map(({ metric, matchers }) => ({
    metric,
    found: scraped.of(metric).filter((one) =>
      matches(
        one.labels,
        matchers.filter(({ label }) => !SCRAPED.includes(label)),
      ),
    ),
    unknown: matchers.filter(
      ({ label }) =>
        !SCRAPED.includes(label) && !scraped.of(metric).some((one) => one.labels.has(label)),
    ),
  }))
  const known = new Set(
    series.flatMap(({ found }) => found.flatMap((one) => [...one.labels.keys()])),
  )
  return [
    ...series.filter(({ found }) => found.length === 0).map(({ metric }) => `no such ${metric}`),
    ...series.flatMap(({ metric, unknown }) =>
      unknown.map(({ label }) => `${metric}: no ${label}`),
    ),
    ...labels
      .filter((label) => !SCRAPED.includes(label) && !known.has(label))
      .map((label) => `nothing has the label ${label}`),
  ].map((fault) => `${fault}: ${expression}`)
}

/** All labels of the series that an expression reads. */
function labelsRead(expression: string, scraped: Exposition): ReadonlySet<string> {
  const { selectors } = parsePromql(expression)
  const series = selectors.flatMap(({ metric }) => scraped.of(metric))
  return new Set([...SCRAPED, ...series.flatMap(({ labels }) => [...labels.keys()])])
}

describe('what is asked of the metrics', () => {
  test('by dashboard and alerts is there, and each alert has its section of the runbook', async () => {
    const { service, load } = await serveLoad()
    const scraped = await scrape(service)
    await load.stop()
    const rules = Alerts.parse(parse(await deployment('prometheus/alerts.yaml'))).groups.flatMap(
      (group) => group.rules,
    )
    const { panels } = Dashboard.parse(JSON.parse(await deployment('grafana/goloves.json')))
    const shown = panels.flatMap(({ targets }) => targets.map(({ expr }) => filledIn(expr)))
    expect(rules.length).toBeGreaterThan(10)
    expect(shown.length).toBeGreaterThan(30)
    const asked = [...rules.map(({ expr }) => expr), ...shown]
    expect(asked.flatMap((expression) => missing(expression, scraped))).toEqual([])
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    for (const { alert, expr, annotations } of rules) {
      expect(annotations.runbook_url).toBe(`docs/runbook.md#${alert.toLowerCase()}`)
      const named = Object.values(annotations)
        .join(' ')
        .matchAll(/\$labels\.(\w+)/g)
      const known = labelsRead(expr, scraped)
      expect([alert, [...named].filter(([, label = '']) => !known.has(label))]).toEqual([alert, []])
    }
  })

  test('is found where it is not there, or is no PromQL', () => {
    const scraped = new Exposition('# TYPE a counter\na{b="c"} 1\n')
    expect(missing('sum by (b) (rate(a{b="c"}[5m]))', scraped)).toEqual([])
    expect(missing('rate(a{b="d"}[5m])', scraped)).toHaveLength(1)
    expect(missing('sum by (d) (a)', scraped)).toHaveLength(1)
    expect(missing('a{d!="e"}', scraped)).toHaveLength(1)
    expect(missing('other', scraped)).toHaveLength(1)
    expect(() => missing('sum by (b) (a', scraped)).toThrow('no PromQL')
  })
})
