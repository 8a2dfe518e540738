import { expect, test } from '@jest/globals'
import { type RunningService, serveReady } from '../support/running-service.ts'

/** Asks in every way, also in wrong ones, and stops the service. */
async function busyLife(service: RunningService) {
  for (let round = 0; round < 20; round++) {
    await service.nextId('order-service')
    await service.nextIdByGrpc('order-service')
    await service.http('GET', '/v1/tags')
    await service.http('POST', '/v1/tags/unknown:nextId')
    await service.http('GET', '/nowhere')
    await service.http('GET', '/readyz')
  }
  const { code } = await service.stop()
  expect(code).toBe(0)
  return service.program.logged()
}

test('the log tells of the start and the stop, and not of requests', async () => {
  const logged = await busyLife(await serveReady())
  expect(logged.filter((message) => message !== 'Dropped ids').toSorted()).toStrictEqual([
    'Draining',
    'Ready',
    'Started',
    'Stopped',
  ])
})

test('each lease is logged at debug', async () => {
  const service = await serveReady(['--log-level', 'debug'])
  const logged = await busyLife(service)
  const leases = logged.filter((message) => message === 'Leased')
  expect(leases.length).toBeGreaterThan(0)
  // 40 ids of a step of 1000: the segment in use and those that are kept ready behind it.
  expect(leases.length).toBeLessThanOrEqual(3)
  const { stdout, stderr } = await service.program.ended
  expect(stdout + stderr).toMatch(/"tag":"order-service","first":"2","last":"\d+",.*"Leased"/)
})

test('standard output holds only what a person is told', async () => {
  const service = await serveReady()
  const { stdout, stderr } = await service.stop()
  expect(stdout).toMatch(/^gRPC on \S+, HTTP on \S+\. Try:\n {2}curl -X POST \S+\n$/)
  for (const line of stderr.trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('msg')
})
