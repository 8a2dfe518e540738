import { expect } from '@jest/globals'
import { z } from 'zod'
import { eventually } from '../support/eventually.ts'
import { FaultProxy } from '../support/fault-proxy.ts'
import { atEnd, Site } from './site.ts'
import type { Walk } from './walk.ts'

// Each brings a service into the state of an alert, and out of it by what the runbook says.

const State = z.object({ lastError: z.string().optional(), secondsLeft: z.number().optional() })
const FIXED = { GOLOVES_SEGMENT_SIZING: 'fixed', GOLOVES_TAGS_REFRESH_MS: '100' }

/** A service whose way to the database goes through a proxy, and its tag with these options. */
export async function behindProxy(tagOptions = '') {
  const site = await Site.migrated()
  const proxy = await FaultProxy.to(site.database.url)
  atEnd(() => proxy.close())
  Object.assign(site.env, { GOLOVES_STORE_URL: proxy.url }, FIXED)
  const service = await site.serve()
  await site.run(`bin/idgen tag create $TAG ${tagOptions}`)
  return { site, proxy, service }
}

async function withTag(tagOptions: string, settings: Record<string, string> = FIXED) {
  const site = await Site.migrated()
  Object.assign(site.env, settings)
  const service = await site.serve()
  await site.run(`bin/idgen tag create $TAG ${tagOptions}`)
  return { site, service, tag: site.env['TAG'] ?? '' }
}

export async function storeDown(walk: Walk): Promise<void> {
  const { site, proxy } = await behindProxy()
  await site.take(3)
  proxy.refuse()
  await eventually(
    async () => site.log,
    (log) => log.includes('"Fault begins"'),
  )
  const [readiness = '', state = '', log = ''] = (await walk.run(site)).split('\n')
  expect(JSON.parse(readiness)).toMatchObject({ ready: true })
  expect(State.parse(JSON.parse(state)).secondsLeft).toBeGreaterThan(0)
  expect(log).toContain('"what":"store"')
  const [settings] = await walk.sql(site)
  expect(Number(settings?.[0]?.['@@read_only'])).toBe(0)

  proxy.accept()
  await eventually(
    async () => site.log,
    (said) => said.includes('"Fault ends"'),
  )
  const after = await walk.run(site)
  expect(after).toContain('"Fault ends"')
  expect(after).toMatch(/^in memory: \d/m)
}

export async function idsRunningOut(walk: Walk): Promise<void> {
  const { site } = await withTag('--step 10')
  await site.take(5)
  expect(await walk.run(site)).toMatch(/^step: 10$.*^seconds left: \d+$/ms)
  await walk.sql(site)
  expect(await walk.run(site)).toMatch(/^step: 100000$/m)
  await site.take(500)
  expect(await lastLeaseOf(site)).toBeGreaterThanOrEqual(100_000n)
}

export async function tagNearItsEnd(walk: Walk): Promise<void> {
  const { site, service, tag } = await withTag('--step 10 --max-value 20')
  await site.take(20)
  await expect(service.nextId(tag)).rejects.toThrow('TAG_EXHAUSTED')
  expect(await walk.run(site)).toMatch(/^max_id: 20\nmax_value: 20$/m)
  expect(await walk.run(site)).toMatch(/^max_value: 9007199254740991$/m)
  expect(await eventuallyNext(site)).toEqual([21n])
}

export async function storeWentBackwards(walk: Walk): Promise<void> {
  const { site, service, tag } = await withTag('--step 10')
  await site.take(200)
  await site.database.query('UPDATE leaf_alloc SET max_id = 10')
  const goOn = async () => {
    for (;;) await service.nextId(tag)
  }
  await expect(goOn()).rejects.toThrow('STORE_WENT_BACKWARDS')
  expect(await walk.run(site)).toMatch(/^frozen: went-backwards, raise above \d+$/m)
  expect(await walk.sql(site)).toMatchObject([[{ biz_tag: tag }]])
  expect(await walk.run(site)).toMatch(/^max_id: 5000000$.*^frozen: no$/ms)
  expect(await walk.run(site)).toBe('5000001\n')
}

export async function tagFrozen(walk: Walk): Promise<void> {
  const { site, service, tag } = await withTag('')
  await site.run('bin/idgen tag freeze $TAG')
  await expect(service.nextId(tag)).rejects.toThrow('TAG_FROZEN')
  expect(await walk.run(site)).toMatch(/^frozen: operator$/m)
  expect(await walk.sql(site)).toMatchObject([[{ biz_tag: tag, frozen_reason: 'operator' }]])
  expect(await walk.run(site)).toMatch(/^frozen: no$.*^1$/ms)
}

export async function layoutNearItsEnd(walk: Walk): Promise<void> {
  const site = await Site.migrated()
  await site.serve()
  site.env['TAG'] = 'event-service'
  const HOUR_MS = 3_600_000
  const endMs = Date.now() + HOUR_MS
  const layout = `time:32,worker:10,sequence:12,unit:1,epoch:${endMs - 2 ** 32}`
  await site.run(`bin/idgen tag create $TAG --mode snowflake --layout ${layout}`)
  const [, ends = ''] = /^layout_ends: (.*)$/m.exec(await walk.run(site)) ?? []
  expect(Date.parse(ends)).toBeLessThanOrEqual(endMs)
  expect(await walk.run(site)).toMatch(/^tag: event-service-2$.*^layout_ends: 21/ms)
}

export async function callersRefused(walk: Walk): Promise<void> {
  const { site } = await withTag('--step 10')
  await site.take(10)
  await site.run('bin/idgen tag delete $TAG')
  await expect(site.take(1)).rejects.toThrow('TAG_NOT_FOUND')
  const { code, stdout, stderr } = await walk.sh(site)
  expect(`${code} ${stderr}`).toMatch(/^1 TAG_NOT_FOUND: /)
  expect(stdout).toMatch(/^goloves_refusals_total\{.*code="TAG_NOT_FOUND".*\} [1-9]/m)
  const [[tombstone] = [], [ledger] = []] = await walk.sql(site)
  expect(tombstone).toMatchObject({
    deleted_at: expect.anything(),
    deleted_max_id: expect.anything(),
  })
  expect(Number(ledger?.['MAX(last_id)'])).toBeGreaterThan(0)
  const [, next] = /^(\d+)$/m.exec(await walk.run(site)) ?? []
  expect(Number(next)).toBeGreaterThan(10)
}

export async function callersWait(walk: Walk): Promise<void> {
  const { site } = await withTag('--step 1 --buffer double')
  await site.take(20)
  expect(await walk.run(site)).toMatch(/^step: 1$.*^buffer: double$.*^waiters: 0$/ms)
  expect(await walk.run(site)).toMatch(/^step: 10000$.*^buffer: chain$/ms)
  await site.take(100)
  expect(await lastLeaseOf(site)).toBeGreaterThanOrEqual(10_000n)
}

export async function workerLeaseAtRisk(walk: Walk): Promise<void> {
  const { site, proxy, service } = await behindProxy()
  await site.take(1, 'snowflake')
  proxy.refuse()
  await eventually(
    () => service.nextId('snowflake').catch((error: Error) => error.message),
    (said) => said === 'WORKER_LEASE_LOST',
  )
  const [state = '', log = ''] = (await walk.run(site)).split('\n')
  expect(State.parse(JSON.parse(state)).lastError).toBe('STORE_UNAVAILABLE')
  expect(log).toContain('"what":"store"')
  proxy.accept()
  await eventually(
    () =>
      service.nextId('snowflake').then(
        () => true,
        () => false,
      ),
    (isBack) => isBack,
  )
  expect(await walk.run(site)).toMatch(/^\d+\n$/)
}

/** How many ids the last lease took. */
async function lastLeaseOf(site: Site): Promise<bigint> {
  const shown = await site.run('bin/idgen tag show $TAG')
  const [, first = '', last = ''] = /^last lease: (\d+)-(\d+) /m.exec(shown) ?? []
  return BigInt(last) - BigInt(first) + 1n
}

/** A refusal is remembered for the refresh time. */
function eventuallyNext(site: Site): Promise<bigint[]> {
  return eventually(
    () => site.take(1).catch(() => []),
    (ids) => ids.length > 0,
  )
}
