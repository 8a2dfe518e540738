import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { migrate } from '../../internal/repository/migration.ts'
import { mysqlTestDatabase, type TestDatabase } from '../support/database.ts'
import { FaultProxy } from '../support/fault-proxy.ts'
import { StoreRegistry } from '../support/store-registry.ts'
import { openDatabase } from '../support/store-rig.ts'

/**
 * Goal: those who wait for a store that is gone do not run it over, neither meanwhile nor when it
 * returns, and are served about a second after that, beside the time that their leases take anyway.
 * Method: a thousand tags of one instance, each with a caller that waits, on a real MariaDB behind a
 * proxy that counts what reaches it.
 */

const TAGS = Array.from({ length: 1_000 }, (_, n) => `tag-${n}`)
const STEP = 3
const AWAY_MS = 3_000
const PATIENCE_MS = 20_000
/** The longest back-off, and as much again. */
const SOON_MS = 1_000
const POOL = 8

let hand: TestDatabase
let proxy: FaultProxy
let registry: StoreRegistry

beforeEach(async () => {
  hand = await mysqlTestDatabase()
  const database = openDatabase(hand.url)
  await migrate(database, AbortSignal.timeout(5_000))
  await database.close()
  const rows = TAGS.map((tag) => `('${tag}', 0, ${STEP})`)
  await hand.query(`INSERT INTO leaf_alloc (biz_tag, max_id, step) VALUES ${rows}`)
  proxy = await FaultProxy.to(hand.url)
  registry = new StoreRegistry(proxy.url)
  await aLeaseOfEach()
})

afterEach(async () => {
  await registry.close()
  await proxy.close()
  await hand.drop()
})

/** @returns How long that took, in milliseconds. */
async function aLeaseOfEach(): Promise<number> {
  const beganMs = performance.now()
  for (let n = 0; n < STEP; n++) await oneOfEach()
  return performance.now() - beganMs
}

function oneOfEach(): Promise<bigint[]> {
  return Promise.all(TAGS.map((tag) => registry.next(tag, PATIENCE_MS)))
}

/** How many connections were asked for and how many packets sent while something is done. */
async function traffic(work: () => Promise<unknown>) {
  const { attempts, packets } = proxy
  await work()
  return { connections: proxy.attempts - attempts, packets: proxy.packets - packets }
}

describe.each([
  ['refuses', (AWAY_MS / 100) * POOL, () => proxy.refuse(), () => proxy.accept()],
  ['hangs', (AWAY_MS / 500) * POOL, () => proxy.hang(), () => proxy.release()],
])('a store that %s', (how, connectionsMax, leave, comeBack) => {
  test('is asked by few at a time, and serves a thousand tags soon after its return', async () => {
    const usualMs = await aLeaseOfEach()
    leave()
    const ids = oneOfEach()
    const away = await traffic(() => pause(AWAY_MS))
    const backMs = performance.now()
    const back = await traffic(() => {
      comeBack()
      return ids
    })
    const tookMs = Math.round(performance.now() - backMs)
    process.stdout.write(
      `a store that ${how} for ${AWAY_MS} ms, 1000 callers: ${away.connections} connections and ` +
        `${away.packets} packets meanwhile, ${back.connections} and ${back.packets} at its return, ` +
        `${proxy.mostOpen} connections at a time, all served after ${tookMs} ms, ` +
        `otherwise ${Math.round(usualMs)} ms\n`,
    )
    expect(away.connections).toBeLessThanOrEqual(connectionsMax)
    expect(away.packets).toBeLessThanOrEqual(2 * POOL)
    expect(back.connections).toBeLessThanOrEqual(2 * POOL)
    // One statement for each tag, and six packets to make a connection.
    expect(back.packets).toBeLessThanOrEqual(TAGS.length + 2 * POOL * 6)
    // While one pool is given up, the next one is filled.
    expect(proxy.mostOpen).toBeLessThanOrEqual(2 * POOL)
    expect(tookMs).toBeLessThan(2 * usualMs + SOON_MS)
  })
})
