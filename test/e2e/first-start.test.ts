import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { newFolder } from '../support/program.ts'
import { serveReady } from '../support/running-service.ts'
import { sqliteFile } from '../support/sqlite-file.ts'

const SEED = 'order-service'

describe('on a fresh folder', () => {
  test('it writes the row of the seed, says how to ask, and the first id is 2', async () => {
    const folder = newFolder()
    const service = await serveReady(['serve'], { folder })
    const [, method = '', url = ''] = await service.program.said(/\n {2}curl -X (\S+) (\S+)\n/)
    const response = await fetch(url, { method })
    expect(await response.json()).toStrictEqual({ id: '2' })
    expect((await service.stop()).code).toBe(0)
    const file = sqliteFile(join(folder, 'data', 'goloves.db'))
    expect(await file.query('SELECT biz_tag, step, description FROM leaf_alloc')).toStrictEqual([
      { biz_tag: SEED, step: 1000n, description: 'Test Order IDs' },
    ])
    await file.close()
  })

  test('two that start there at once write the row once and share it', async () => {
    const folder = newFolder()
    const both = await Promise.all([serveReady([], { folder }), serveReady([], { folder })])
    const ids = await Promise.all(both.map((service) => service.nextId(SEED)))
    expect(Math.min(...ids.map(Number))).toBe(2)
    expect(new Set(ids).size).toBe(2)
  })
})

describe('the next start', () => {
  test('repeats nothing after a kill -9 in the middle of calls', async () => {
    const folder = newFolder()
    const first = await serveReady([], { folder })
    const before: bigint[] = []
    const callers = Array.from({ length: 8 }, async () => {
      // Ends when the service is killed.
      for (;;) {
        before.push(await first.nextId(SEED))
        if (before.length === 500) first.program.signal('SIGKILL')
      }
    })
    await Promise.allSettled(callers)
    expect((await first.program.ended).signal).toBe('SIGKILL')
    const second = await serveReady([], { folder })
    const after = await Promise.all(Array.from({ length: 500 }, () => second.nextId(SEED)))
    expect(before.length).toBeGreaterThanOrEqual(500)
    expect(new Set([...before, ...after]).size).toBe(before.length + after.length)
  })

  test('goes on above, and does not write the row of the seed again', async () => {
    const folder = newFolder()
    const first = await serveReady([], { folder })
    const ids = [await first.nextId(SEED)]
    await first.stop()
    const second = await serveReady([], { folder })
    ids.push(await second.nextId(SEED))
    expect(ids).toStrictEqual([2n, expect.any(BigInt)])
    expect(ids[1]).toBeGreaterThan(2n)
    expect((await second.http('DELETE', `/v1/tags/${SEED}`)).status).toBe(204)
    await second.stop()
    const third = await serveReady([], { folder })
    await expect(third.nextId(SEED)).rejects.toThrow('TAG_NOT_FOUND')
    expect((await third.http('POST', '/v1/tags', { tag: SEED })).status).toBe(201)
    expect(await third.nextId(SEED)).toBeGreaterThan(ids[1] ?? 0n)
  })
})
