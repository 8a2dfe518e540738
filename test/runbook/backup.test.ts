import { expect } from '@jest/globals'
import { eventually } from '../support/eventually.ts'
import { Site } from './site.ts'
import { chapter, runSection, type Walk } from './walk.ts'

const DAY_MS = 86_400_000

/** A service with a tag that was deleted and one with an end, some of whose ids were taken. */
async function used() {
  const site = await Site.migrated()
  const service = await site.serve()
  await site.run('bin/idgen tag create $TAG')
  await site.run('bin/idgen tag create coupon-service --max-value 500000')
  const ids = await site.take(3)
  return { site, service, ids }
}

async function restore(walk: Walk): Promise<void> {
  const { site, service, ids } = await used()
  const { database } = site
  const flakes = await takeFlakes(site, 1)
  const coupons = await site.take(5, 'coupon-service')
  await runSection('Back up', backUp, site)
  ids.push(...(await site.take(3000)))
  await site.run('bin/idgen tag create receipt-service')
  const receipts = await site.take(100, 'receipt-service')
  coupons.push(...(await site.take(3000, 'coupon-service')))
  flakes.push(...(await site.take(2, 'snowflake')))
  expect((await service.stop()).code).toBe(0)
  await database.query('UPDATE leaf_instance SET last_seen = last_seen - ?', [DAY_MS])

  expect(await walk.sql(site)).toEqual([[]])
  await walk.run(site)
  await walk.sql(site)
  site.env['N'] = '1000000000'
  const raised = await walk.sh(site)
  expect(raised.code).toBe(1)
  expect(raised.stdout).toMatch(/^coupon-service\t\t\tnot raised, TAG_OPTION_INVALID: /m)
  expect(raised.stdout).toMatch(/^order-service\t\d+\t1000\d{6}\t$/m)
  const [rows] = await walk.sql(site)
  expect(rows?.map(({ biz_tag }) => biz_tag)).toEqual(['coupon-service', 'order-service'])

  await site.serve()
  await walk.run(site)
  expect(await walk.run(site)).toMatch(/^SERVING$.*^receipt-service\t/ms)
  ids.push(...(await site.take(3000)))
  coupons.push(...(await site.take(3000, 'coupon-service')))
  receipts.push(...(await site.take(100, 'receipt-service')))
  flakes.push(...(await takeFlakes(site, 3)))
  for (const taken of [ids, coupons, receipts, flakes]) {
    expect(new Set(taken).size).toBe(taken.length)
  }
}

/** Of worker ids none is leased at first. */
function takeFlakes(site: Site, count: number): Promise<bigint[]> {
  return eventually(
    () => site.take(count, 'snowflake').catch((): bigint[] => []),
    (taken) => taken.length > 0,
  )
}

async function backUp(walk: Walk, site: Site): Promise<void> {
  await walk.run(site)
  await walk.run(site)
  expect(await site.run('cat tags.txt')).toMatch(/^order-service\tsegment\t/m)
}

chapter('Backup and restore', {
  'Back up': async (walk) => {
    const { site } = await used()
    await backUp(walk, site)
    expect(await site.run('cat backup.sql')).toContain('INSERT INTO `leaf_alloc`')
  },
  'Choose N': async (walk) => {
    const { site } = await used()
    expect(await walk.run(site)).toMatch(/^step: 1000$.*^ids per second: /ms)
    await walk.run(site)
  },
  Restore: restore,
})
