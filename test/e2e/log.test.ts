import { expect, test } from '@jest/globals'
import { serveReady } from '../support/running-service.ts'

/** Starts the service, asks in every way, also in wrong ones, and stops it. */
async function busyLife(...args: string[]) {
  const service = await serveReady(args)
  for (let round = 0; round < 20; round++) {
    await service.nextId('order-service')
    await service.nextIdByGrpc('order-service')
    await service.http('GET', '/v1/tags')
    await service.http('POST', '/v1/tags/unknown:nextId')
    await service.http('GET', '/nowhere')
    await service.http('GET', '/readyz')
  }
  const ended = await service.stop()
  expect(ended.code).toBe(0)
  return { ...ended, logged: service.program.logged() }
}

test('the log tells of the start and the stop, and not of requests', async () => {
  const { stdout, stderr, logged } = await busyLife()
  expect(logged.toSorted()).toStrictEqual(['Draining', 'Ready', 'Started', 'Stopped'])
  // Standard output is for people.
  expect(stdout).toMatch(/^gRPC on \S+, HTTP on \S+\. Try:\n {2}curl -X POST \S+\n$/)
  for (const line of stderr.trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('msg')
})

test('each lease is logged at debug', async () => {
  const { stderr, logged } = await busyLife('--log-level', 'debug')
  expect(stderr).toMatch(/"tag":"order-service","first":"2","last":"\d+",.*"Leased"/)
  // 40 ids of a step of 1000: the segment in use and those that are kept ready behind it.
  expect(logged.filter((message) => message === 'Leased').length).toBeLessThanOrEqual(3)
})
