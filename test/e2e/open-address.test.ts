import { expect, test } from '@jest/globals'
import { type RunningService, serveReady } from '../support/running-service.ts'
import { serveTogether } from '../support/worker-processes.ts'

const OPEN = ['--grpc-host', '0.0.0.0', '--http-host', '0.0.0.0']

/** What the service warned of up to its end, without the time. */
async function warningsOf(service: RunningService): Promise<object[]> {
  const { stderr } = await service.stop()
  const lines = stderr.split('\n').filter((line) => line.startsWith('{"level":40,'))
  return lines.map((line) => ({ ...JSON.parse(line), time: undefined }))
}

function warning(addresses: object): object {
  const msg = expect.stringMatching(/take ids and change tags.*GOLOVES_ACCESS_WARN_IF_OPEN=false/)
  return { level: 40, time: undefined, ...addresses, msg }
}

test.each(['grpc', 'http'])(
  'serve warns of %s on an address that others reach',
  async (transport) => {
    const service = await serveReady([`--${transport}-host`, '0.0.0.0'])
    const address = transport === 'grpc' ? service.grpcAddress : service.httpAddress
    expect(await warningsOf(service)).toEqual([warning({ [transport]: address })])
  },
)

test('it warns once, whatever number of processes serve', async () => {
  const service = await serveTogether(2, OPEN)
  const { grpcAddress: grpc, httpAddress: http } = service
  expect(await warningsOf(service)).toEqual([warning({ grpc, http })])
})

test.each([
  ['where only this machine reaches it', ['--grpc-host', 'localhost', '--http-host', '127.0.0.1']],
  ['when it is told not to', [...OPEN, '--access-warn-if-open', 'false']],
])('it does not warn %s', async (_, args) => {
  expect(await warningsOf(await serveReady(args))).toEqual([])
})
