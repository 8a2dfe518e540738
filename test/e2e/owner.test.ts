import { expect, test } from '@jest/globals'
import { z } from 'zod'
import { eventually } from '../support/eventually.ts'
import { newFolder } from '../support/program.ts'
import { type RunningService, serveReady } from '../support/running-service.ts'

// Two processes, one after the other, on one SQLite file.

const Lease = z.object({ range: z.object({ first: z.string() }), instance: z.string() })
const Owner = z.object({ lease: Lease.nullish() })
const TAG = 'order-service'

test('of ids that were given back, each has the owner that handed it out', async () => {
  const folder = newFolder()
  const one = await serveReady([], { folder })
  const first = await nameOf(one)
  const ids = [await one.nextId(TAG), await one.nextId(TAG)]
  expect((await one.stop()).code).toBe(0)

  const other = await serveReady([], { folder })
  const second = await nameOf(other)
  const id = await other.nextId(TAG)
  expect([...ids, id]).toEqual([2n, 3n, 4n])

  // Leases are written down behind the backs of those who wait for them.
  await eventually(
    () => ownerByHttp(other, id),
    (lease) => lease?.instance === second,
  )
  for (const earlier of ids) {
    expect(await ownerByHttp(other, earlier)).toMatchObject({ instance: first })
  }
  const byGrpc = await other.ask('goloves.v1.TagService/FindOwner', { tag: TAG, id: '4' })
  expect(byGrpc).toMatchObject({ lease: { range: { first: '4' }, instance: second } })

  const { code, stdout } = await other.idgen('tag', 'owner', TAG, '3')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^instance: (.*)\naddress: .+\nrange: 2-\d+\nleased: \d{4}-.*Z\n$/)
  expect(stdout).toContain(first)
  const unknown = await other.idgen('tag', 'owner', TAG, '1')
  expect(unknown).toMatchObject({ code: 1, stdout: '' })
  expect(unknown.stderr).toMatch(
    /^No lease of 1 is on record, which reaches back to \d{4}-.*Z\.\n$/,
  )
  const snowflake = await other.idgen('tag', 'owner', 'snowflake', '5')
  expect(snowflake).toMatchObject({ code: 1, stdout: '' })
  expect(snowflake.stderr).toMatch(/^MODE_MISMATCH: .*idgen decode\.\n$/)
})

async function nameOf(service: RunningService): Promise<string> {
  const { body } = await service.http('GET', `/v1/tags/${TAG}:state`)
  return z.object({ instance: z.string() }).parse(body).instance
}

async function ownerByHttp(service: RunningService, id: bigint) {
  const { body } = await service.http('GET', `/v1/tags/${TAG}:owner?id=${id}`)
  return Owner.parse(body).lease
}
