import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import { PACKAGE_ROOT } from '../../cmd/idgen/package-root.ts'
import { eventually } from '../support/eventually.ts'
import { idgen, newFolder } from '../support/program.ts'
import { type RunningService, serve } from '../support/running-service.ts'
import { sqliteFile } from '../support/sqlite-file.ts'
import { isAlive, serveTogether, workerOf, workersOf } from '../support/worker-processes.ts'

// One service of two processes, on a SQLite file.

const TAG = 'order-service'
const PORTS = ['--grpc-port', '0', '--http-port', '0']
const DRAIN_LONG = ['--shutdown-drain-delay-ms', '6000']

const State = z.object({
  instances: z.array(z.object({ instance: z.string(), ranges: z.array(z.object({})) })),
  silentInstances: z.coerce.number(),
})

/** Asks for ids at once, each on a connection of its own. */
function takeMany(service: RunningService): Promise<bigint[]> {
  return Promise.all(Array.from({ length: 20 }, () => service.nextId(TAG)))
}

/** How many ids of the tag were leased, and are not on record as given back. */
async function notGivenBack(folder: string): Promise<bigint> {
  const file = sqliteFile(join(folder, 'data', 'goloves.db'))
  const [row] = await file.query(`SELECT max_id - 1 - (SELECT SUM(last_id - first_id + 1)
    FROM leaf_returned WHERE biz_tag = '${TAG}' AND taken_by IS NULL) AS gone
    FROM leaf_alloc WHERE biz_tag = '${TAG}'`)
  await file.close()
  return z.bigint().parse(row?.['gone'])
}

async function allGone(service: RunningService): Promise<void> {
  await eventually(
    async () => workersOf(service).filter(({ pid }) => isAlive(pid)),
    (alive) => alive.length === 0,
  )
}

test('both serve the same ports, each as an instance, and answer for each other', async () => {
  const service = await serveTogether(2)
  const ids = await takeMany(service)
  expect(new Set(ids).size).toBe(ids.length)
  const names = workersOf(service).map(({ instance }) => instance)
  const overGrpc = service.ask('goloves.v1.TagService/GetTagState', { tag: TAG })
  const overHttp = service.http('GET', `/v1/tags/${TAG}:state`).then(({ body }) => body)
  for (const answer of await Promise.all([overGrpc, overHttp])) {
    const { instances, silentInstances } = State.parse(answer)
    expect(instances.map(({ instance }) => instance).toSorted()).toEqual(names.toSorted())
    expect(instances.filter(({ ranges }) => ranges.length > 0)).toHaveLength(2)
    expect(silentInstances).toBe(0)
  }
  expect((await service.idgen('tag', 'show', TAG)).stdout).toMatch(/^instances: 2$/m)
  await eventually(
    () => service.health(),
    (status) => status === 'SERVING',
  )
  const { code, stdout } = await service.stop()
  expect(code).toBe(0)
  expect(stdout).toMatch(/^gRPC on \S+, HTTP on \S+\. Try:\n {2}curl -X POST \S+\n$/)
})

describe('all drain and end, and give back what they hold,', () => {
  test.each<[string, (service: RunningService) => void]>([
    ['when the program is asked to', ({ program }) => program.signal('SIGTERM')],
    [
      'when a terminal signals all of them',
      (service) => {
        service.program.signal('SIGINT')
        for (const { pid } of workersOf(service)) process.kill(pid, 'SIGINT')
      },
    ],
    ['when the primary is killed', ({ program }) => program.signal('SIGKILL')],
  ])('%s', async (how, end) => {
    const folder = newFolder()
    const service = await serveTogether(2, [], { folder })
    const ids = await takeMany(service)
    end(service)
    // Its output ends with the last process that can write to it.
    const ended = await service.program.ended
    expect(ended.code).toBe(how.includes('killed') ? null : 0)
    await allGone(service)
    for (const message of ['Ready', 'Draining', 'Stopped']) {
      const numbers = service.program.records(message)
      expect(numbers).toHaveLength(2)
      expect(numbers).toEqual(expect.arrayContaining([expect.objectContaining({ process: 1 })]))
      expect(numbers).toEqual(expect.arrayContaining([expect.objectContaining({ process: 2 })]))
    }
    expect(await notGivenBack(folder)).toBe(BigInt(ids.length))
  })
})

test('a second signal ends all at once', async () => {
  const service = await serveTogether(2, DRAIN_LONG)
  service.program.signal('SIGTERM')
  await service.program.said(/"Draining"/)
  // Whoever drains to the end ends with 0.
  expect(await service.stop('SIGINT')).toMatchObject({ code: 1, signal: null })
  await allGone(service)
  expect(service.program.records('Stopped')).toEqual([])
})

test('one that can not end is killed, and the exit code says so', async () => {
  const service = await serveTogether(2, ['--shutdown-drain-limit-ms', '0'])
  const { pid } = workerOf(service, 2)
  process.kill(pid, 'SIGSTOP')
  const { code, stderr } = await service.stop()
  expect(code).toBe(1)
  expect(stderr).toMatch(/^A worker process did not end as it should; the log says how\.$/m)
  expect(service.program.records('Worker process ended')).toMatchObject([
    { process: 2, pid, signal: 'SIGKILL' },
  ])
})

describe('what keeps the program from starting is said once:', () => {
  test('a taken port', async () => {
    const { httpAddress } = await serve()
    const port = httpAddress.split(':')[1] ?? ''
    const ended = await idgen(['--workers', '2', '--grpc-port', '0', '--http-port', port])
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr).toMatch(
      /^HTTP cannot listen on 127\.0\.0\.1:\d+: the port is taken\.[^\n]+\n$/,
    )
  })

  test('wrong settings', async () => {
    const args = ['--workers', 'auto', '--worker-id', '7', '--grpc-port', '-1']
    const { code, stderr } = await idgen(args)
    expect(code).toBe(2)
    expect(stderr.trimEnd().split('\n')).toEqual([
      'The settings are wrong:',
      expect.stringContaining('--grpc-port: "-1" is not'),
      expect.stringContaining('worker.id: 7 is one worker id, and each of workers: auto needs'),
    ])
  })

  test('a process that ends at its start', async () => {
    const env = {
      NODE_OPTIONS: `--import ${join(PACKAGE_ROOT, 'test', 'support', 'dying-worker.ts')}`,
      GOLOVES_TEST_WORKERS_THAT_LIVE: '1',
    }
    const ended = await idgen(['--workers', '2', ...PORTS], { env })
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    const lines = ended.stderr.split('\n').filter((line) => line.startsWith('Worker'))
    expect(lines).toEqual(['Worker process 2 ended at its start: SIGKILL.'])
  })
})
