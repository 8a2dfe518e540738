import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { migrate } from '../../internal/repository/migration.ts'
import { mysqlTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { FaultProxy } from '../support/fault-proxy.ts'
import { StoreRegistry } from '../support/store-registry.ts'
import { openDatabase } from '../support/store-rig.ts'

// A connection that is open, and on which nothing comes: the worst way to be gone.

const STEP = 1_000
const POOL = 8
/** A second, and what a busy machine adds. */
const SOON_MS = 2_000
const GONE = /^(STORE_UNAVAILABLE|DEADLINE_EXCEEDED)$/

let hand: TestDatabase
let proxy: FaultProxy
let registries: StoreRegistry[]

beforeEach(async () => {
  hand = await mysqlTestDatabase()
  const database = openDatabase(hand.url)
  await migrate(database, AbortSignal.timeout(5_000))
  await database.close()
  await hand.query(
    `INSERT INTO leaf_alloc (biz_tag, max_id, step) VALUES ('a', 0, ${STEP}), ('b', 0, 1)`,
  )
  proxy = await FaultProxy.to(hand.url)
  registries = []
})

afterEach(async () => {
  await Promise.all(registries.map((registry) => registry.close()))
  await proxy.close()
  await hand.drop()
})

function registry(url = proxy.url): StoreRegistry {
  const opened = new StoreRegistry(url)
  registries.push(opened)
  return opened
}

/** How long it took, in milliseconds, and what came of it: an id or the code of a failure. */
async function timed(ids: Promise<bigint>) {
  const begunMs = performance.now()
  const outcome = await ids.then(String, (error: { code: string }) => error.code)
  return { outcome, tookMs: performance.now() - begunMs }
}

describe('a store that is silent from the start', () => {
  beforeEach(() => proxy.hang())

  test('costs each of 50 callers no more than its patience, and leaves no socket behind', async () => {
    const one = registry()
    for (let round = 0; round < 5; round++) {
      const callers = Array.from({ length: 10 }, (_, n) => timed(one.next(`t${round}-${n}`, 600)))
      for (const { outcome, tookMs } of await Promise.all(callers)) {
        expect(outcome).toMatch(GONE)
        expect(tookMs).toBeLessThan(600 + SOON_MS)
      }
    }
    expect(proxy.attempts).toBeGreaterThan(POOL)
    expect(proxy.mostOpen).toBeLessThanOrEqual(2 * POOL)
    await one.close()
    await eventually(
      async () => proxy.open,
      (open) => open === 0,
    )
  })

  test('serves who waits soon after it answers', async () => {
    const waiting = registry().next('a', 10_000)
    await eventually(
      async () => proxy.attempts,
      (attempts) => attempts >= 3,
    )
    proxy.release()
    const { outcome, tookMs } = await timed(waiting)
    expect(outcome).toBe('1')
    expect(tookMs).toBeLessThan(SOON_MS)
  })

  test('is passed over: the next host has the id', async () => {
    const { host } = new URL(hand.url)
    const { outcome, tookMs } = await timed(registry(`${proxy.url}?hosts=${host}`).next('a', 5_000))
    expect(outcome).toBe('1')
    // Well before the attempt to lease would have been at its end.
    expect(tookMs).toBeLessThan(1_500)
  })
})

describe('a store that falls silent in the middle of its life', () => {
  test('is not noticed while there are ids', async () => {
    const one = registry()
    expect(await one.next('a', 5_000)).toBe(1n)
    proxy.hang()
    const { tookMs } = await timed(
      (async () => {
        for (let id = 2n; id <= STEP; id++) expect(await one.next('a', 5_000)).toBe(id)
        return 0n
      })(),
    )
    expect(tookMs).toBeLessThan(SOON_MS)
    expect(await timed(one.next('a', 500))).toMatchObject({ outcome: expect.stringMatching(GONE) })
  })

  test('costs callers without ids no more than their patience, and serves them soon after', async () => {
    const one = registry()
    await one.next('b', 5_000)
    proxy.hang()
    const outcomes = []
    for (let n = 0; n < 8; n++) {
      const { outcome, tookMs } = await timed(one.next('b', 600))
      expect(tookMs).toBeLessThan(600 + SOON_MS)
      outcomes.push(outcome)
    }
    // The id that was prefetched; an attempt that is under way; attempts that have failed.
    expect(outcomes.join(' ')).toMatch(/^(2 )?(DEADLINE_EXCEEDED ?)+(STORE_UNAVAILABLE ?)+$/)
    expect(proxy.mostOpen).toBeLessThanOrEqual(2 * POOL)
    const waiting = one.next('b', 10_000)
    proxy.release()
    const { outcome, tookMs } = await timed(waiting)
    expect(BigInt(outcome)).toBeGreaterThan(1n)
    expect(tookMs).toBeLessThan(SOON_MS)
  })

  test('is passed over at the end of the attempt: the next host has the id', async () => {
    const { host } = new URL(hand.url)
    const one = registry(`${proxy.url}?hosts=${host}`)
    await one.next('b', 5_000)
    proxy.hang()
    await one.next('b', 5_000).catch(() => {})
    const { outcome, tookMs } = await timed(one.next('b', 5_000))
    expect(BigInt(outcome)).toBeGreaterThan(1n)
    expect(tookMs).toBeLessThan(2_000 + SOON_MS)
  })
})
