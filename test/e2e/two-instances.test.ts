import { beforeAll, describe, expect, test } from '@jest/globals'
import { eventually } from '../support/eventually.ts'
import { newFolder } from '../support/program.ts'
import { type RunningService, serveReady } from '../support/running-service.ts'

// Two processes on one SQLite file.

const REFRESH_MS = 200
const MISS_MS = 1500
/** What a busy machine may add to a time that the service promises. */
const LATE_MS = 2000

let one: RunningService
let other: RunningService

beforeAll(async () => {
  const folder = newFolder()
  const args = ['--tags-refresh-ms', String(REFRESH_MS), '--tags-miss-ms', String(MISS_MS)]
  const started = [serveReady(args, { folder }), serveReady(args, { folder })] as const
  ;[one, other] = await Promise.all(started)
})

/** The id, or the code of the refusal. */
async function outcome(service: RunningService, tag: string): Promise<string> {
  return service.nextId(tag).then(String, (error: Error) => error.message)
}

/** Asks until the outcome is as wanted, and tells how long that took. */
async function timeUntil(service: RunningService, tag: string, wanted: RegExp): Promise<number> {
  const begunMs = performance.now()
  await eventually(
    () => outcome(service, tag),
    (said) => wanted.test(said),
  )
  return performance.now() - begunMs
}

describe('what one instance does, the other', () => {
  test('never repeats: both hand out ids of one tag, none twice', async () => {
    const ask = (service: RunningService) =>
      Array.from({ length: 400 }, () => service.nextId('order-service'))
    const ids = await Promise.all([...ask(one), ...ask(other)])
    expect(new Set(ids).size).toBe(800)
  })

  test('learns within the miss time, if it is a tag that was missed before', async () => {
    expect(await outcome(other, 'new')).toBe('TAG_NOT_FOUND')
    expect((await one.http('POST', '/v1/tags', { tag: 'new' })).status).toBe(201)
    expect(await outcome(one, 'new')).toMatch(/^\d+$/)
    expect(await timeUntil(other, 'new', /^\d+$/)).toBeLessThan(MISS_MS + LATE_MS)
  })

  test('learns within the refresh time, if it is a freeze or its end', async () => {
    await one.http('POST', '/v1/tags', { tag: 'cold' })
    const before = [await outcome(one, 'cold'), await outcome(other, 'cold')]
    const frozen = await one.idgen('tag', 'freeze', 'cold')
    expect(frozen).toMatchObject({ code: 0, stdout: expect.stringContaining('frozen: operator') })
    expect(await outcome(one, 'cold')).toBe('TAG_FROZEN')
    expect(await timeUntil(other, 'cold', /^TAG_FROZEN$/)).toBeLessThan(REFRESH_MS + LATE_MS)

    expect((await one.http('POST', '/v1/tags/cold:unfreeze')).status).toBe(200)
    expect(await timeUntil(other, 'cold', /^\d+$/)).toBeLessThan(REFRESH_MS + LATE_MS)
    const after = [await outcome(one, 'cold'), await outcome(other, 'cold')]
    expect(new Set([...before, ...after]).size).toBe(4)
  })

  test('learns within the refresh time, if it is a raise', async () => {
    await one.http('POST', '/v1/tags', { tag: 'raised' })
    await Promise.all([one, other].map((service) => service.nextId('raised')))
    expect((await one.http('POST', '/v1/tags/raised:raise', { above: '1000000' })).status).toBe(200)
    expect(await one.nextId('raised')).toBeGreaterThan(1_000_000n)
    expect(await timeUntil(other, 'raised', /^\d{7,}$/)).toBeLessThan(REFRESH_MS + LATE_MS)
  })

  test('learns within the refresh time, if it is a deletion', async () => {
    await one.http('POST', '/v1/tags', { tag: 'gone' })
    await Promise.all([one, other].map((service) => service.nextId('gone')))
    expect((await one.http('DELETE', '/v1/tags/gone')).status).toBe(204)
    expect(await outcome(one, 'gone')).toBe('TAG_NOT_FOUND')
    expect(await timeUntil(other, 'gone', /^TAG_NOT_FOUND$/)).toBeLessThan(REFRESH_MS + LATE_MS)
  })
})
