import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { z } from 'zod'
import { eventually } from '../support/eventually.ts'
import { type RunningService, serveReady } from '../support/running-service.ts'
import { urlOf } from './engine.ts'
import { type Replication, startReplication } from './replication.ts'

/**
 * Goal: what the documents say of a failover that loses commits is true.
 * Method: the replicas are cut off, ids are taken, the source is killed, and a replica takes over.
 */

const TAG = 'order-service'
const COUNT = 5_000
/** More than was ever leased: an instance has more in memory than has left. */
const ABOVE_ALL = 10_000_000n
const Ranges = z.object({ ranges: z.array(z.object({ last: z.string().transform(BigInt) })) })
const Id = z.object({ id: z.string().transform(BigInt) })
const WENT_BACKWARDS = { status: 409, body: { code: 'STORE_WENT_BACKWARDS' } }

let replication: Replication
let before: RunningService
/** The last id that left before the source was gone. */
let last: bigint

beforeEach(async () => {
  replication = await startReplication(false)
  before = await serve('--store-migrate', 'true')
  await before.idgen('tag', 'create', TAG, '--step', '100')
  await before.nextId(TAG)
  await replication.untilWhole()
}, 120_000)

afterEach(() => Promise.all(replication.servers.map((server) => server.end())))

function serve(...args: string[]): Promise<RunningService> {
  const sizing = ['--segment-sizing', 'fixed']
  return serveReady([...sizing, ...args, '--store-url', urlOf(replication)])
}

async function failOverAfter(act: () => Promise<unknown>): Promise<void> {
  const [source, replica] = replication.servers
  if (!source || !replica) throw new Error('There are no servers.')
  await source.cutOff()
  const { body } = await before.http('POST', `/v1/tags/${TAG}:nextIds`, { count: COUNT })
  last = Ranges.parse(body).ranges.at(-1)?.last ?? 0n
  await act()
  await source.kill()
  await replication.promote(replica)
}

test('nobody is left who leased what was lost: ids leave twice', async () => {
  await failOverAfter(() => before.stop('SIGKILL'))
  const after = await serve()
  expect(await after.nextId(TAG)).toBeLessThanOrEqual(last)
})

test('and none does if the tag was raised before anybody asked', async () => {
  await failOverAfter(() => before.stop('SIGKILL'))
  const after = await serve()
  expect((await after.idgen('tag', 'raise', TAG, String(ABOVE_ALL))).code).toBe(0)
  expect(await after.nextId(TAG)).toBeGreaterThan(last)
})

test('who leased what was lost notices, for all, and a raise repairs it', async () => {
  await failOverAfter(async () => {})
  const after = await serve()
  await eventually(
    () => after.http('POST', `/v1/tags/${TAG}:nextId`),
    ({ status }) => status === WENT_BACKWARDS.status,
  )
  for (const service of [before, after]) {
    expect(await service.http('POST', `/v1/tags/${TAG}:nextId`)).toMatchObject(WENT_BACKWARDS)
  }
  // Who notices its own loss only now freezes the tag once more, above all that it has leased by then.
  let above = 0n
  for (const service of [before, after]) {
    const { body } = await eventually(
      async () => {
        above += ABOVE_ALL
        await after.idgen('tag', 'raise', TAG, String(above))
        return await service.http('POST', `/v1/tags/${TAG}:nextId`)
      },
      ({ status }) => status === 200,
    )
    expect(Id.parse(body).id).toBeGreaterThan(last)
  }
})
