import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { Metadata, Server, ServerCredentials, type UntypedHandleCall } from '@grpc/grpc-js'
import { loadSync, type PackageDefinition, type ServiceDefinition } from '@grpc/proto-loader'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { protoPath as healthProto } from 'grpc-health-check'
import { encodeDetails } from '../../internal/delivery/grpc/status-details.ts'
import { SystemClock } from '../../pkg/clock/system-clock.ts'
import { storeUnavailable } from '../../pkg/errors/failures.ts'
import { PACKAGE_ROOT, PROTO_FOLDER } from './package-root.ts'
import { buildProgram } from './program.ts'

/**
 * A service that answers every call of the table with the same words, and keeps what it was asked.
 */
const asked: { method: string; request: object }[] = []
const server = new Server()
let port = 0

const ORDER = {
  tag: 'order',
  mode: 'MODE_SEGMENT',
  step: '1000',
  maxId: '1001',
  maxValue: '9223372036854775807',
  description: 'two\tcolumns\nand a line',
  version: '3',
}

const EVENTS = {
  tag: 'events',
  mode: 'MODE_SNOWFLAKE',
  maxValue: '9223372036854775807',
  version: '1',
  layout: 'sonyflake',
  layoutEndsAtMs: '2000',
}

const HELD = {
  instance: 'i',
  ranges: [{ first: '2', last: '9' }],
  lastLease: { first: '2', last: '1001' },
  lastLeaseAtMs: '2000',
  worker: { worker: '7', epoch: '3', reservedUntilMs: '4000' },
}

const answers: Record<string, Record<string, object>> = {
  'goloves.v1.IdService': {
    NextIds: {
      ranges: [
        { first: '9223372036854775805', last: '9223372036854775806', step: '1' },
        { first: '9223372036854775807', last: '9223372036854775807', step: '1' },
        { first: '65543', last: '196615', step: '65536' },
      ],
    },
    DecodeId: { timeMs: '1795219200000', worker: '7', sequence: '42' },
  },
  'goloves.v1.TagService': {
    CreateTag: { tag: ORDER },
    GetTag: { tag: ORDER },
    UpdateTag: { tag: { ...ORDER, step: '5' } },
    ListTags: { tags: [ORDER, EVENTS] },
    RaiseTag: { tag: ORDER, holdsFromMs: '1000' },
    FreezeTag: {
      tag: { ...ORDER, freezeReason: 'FREEZE_REASON_WENT_BACKWARDS', frozenAbove: '7' },
    },
    UnfreezeTag: { tag: EVENTS },
    DeleteTag: {},
    GetTagState: {
      ...{ ...HELD, waiters: '3', instances: [HELD, { instance: 'j', waiters: '3' }] },
      silentInstances: '1',
    },
    FindOwner: {
      lease: { range: { first: '2', last: '9' }, instance: 'i', address: 'h', leasedAtMs: '2000' },
      reachesBackToMs: '1000',
    },
  },
  'grpc.health.v1.Health': { Check: { status: 'SERVING' } },
}

const SHOWN = [
  ...['tag: order', 'mode: segment', 'step: 1000', 'max_id: 1001'],
  ...['max_value: 9223372036854775807', 'buffer: default', 'frozen: no', 'version: 3'],
  'description: two columns and a line',
]

const SHOWN_EVENTS = [
  'tag: events',
  'mode: snowflake',
  'frozen: no',
  'version: 1',
  'layout: sonyflake',
  'layout_ends: 1970-01-01T00:00:02.000Z',
]

beforeAll(async () => {
  const files = ['goloves/v1/id_service.proto', 'goloves/v1/tag_service.proto', healthProto]
  const contract = loadSync(files, { includeDirs: [PROTO_FOLDER], longs: String, enums: String })
  for (const [service, replies] of Object.entries(answers)) {
    const methods = contract[service]
    if (methods === undefined || isMessage(methods)) throw new Error(`There is no ${service}.`)
    server.addService(methods, handlersOf(replies))
  }
  port = await new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    )
  })
})

afterAll(() => server.forceShutdown())

function isMessage(
  entry: PackageDefinition[string],
): entry is Exclude<PackageDefinition[string], ServiceDefinition> {
  return 'format' in entry && typeof entry.format === 'string'
}

function handlersOf(replies: Record<string, object>): Record<string, UntypedHandleCall> {
  const handlers = Object.entries(replies).map(([method, reply]) => {
    const handler = (
      call: { request: object },
      callback: (error: object | null, reply?: object) => void,
    ) => {
      asked.push({ method, request: call.request })
      if ('tag' in call.request && call.request.tag === 'down') callback(refusal())
      else callback(null, reply)
    }
    return [method, handler]
  })
  return Object.fromEntries(handlers)
}

function refusal() {
  const failure = storeUnavailable(100)
  const metadata = new Metadata()
  metadata.set('grpc-status-details-bin', encodeDetails(14, failure))
  return { code: 14, details: failure.message, metadata }
}

/** The lines that a command prints. */
async function run(...args: string[]): Promise<string[]> {
  const lines: string[] = []
  const program = buildProgram({
    env: { GOLOVES_GRPC_PORT: String(port), http_proxy: 'http://127.0.0.1:1' },
    clock: new SystemClock(),
    print: (line) => lines.push(line),
  })
  await program.parseAsync(args, { from: 'user' })
  return lines
}

describe('next', () => {
  test('prints ids one per line, up to the highest there is, whatever their distance', async () => {
    expect(await run('next', 'order', '--count', '3')).toStrictEqual([
      '9223372036854775805',
      '9223372036854775806',
      '9223372036854775807',
      ...['65543', '131079', '196615'],
    ])
    expect(asked.at(-1)).toMatchObject({ method: 'NextIds', request: { tag: 'order', count: '3' } })
  })

  test('passes on the code and the sentence of the service', async () => {
    await expect(run('next', 'down')).rejects.toThrow(
      'STORE_UNAVAILABLE: The store does not answer; try again.',
    )
  })

  test('finds the service by flags after the command too', async () => {
    await expect(run('next', 'order', '--grpc-port', '1')).rejects.toThrow(
      'No service answers at 127.0.0.1:1. Start one with: idgen serve',
    )
  })

  test('finds a service that listens on every address', async () => {
    expect(await run('--grpc-host', '0.0.0.0', 'next', 'order')).toHaveLength(6)
  })
})

test('decode by a tag asks the service', async () => {
  expect(await run('decode', '5', '--tag', 'order')).toStrictEqual([
    'time: 2026-11-21T00:00:00.000Z',
    'worker: 7',
    'sequence: 42',
  ])
  expect(asked.at(-1)).toEqual({ method: 'DecodeId', request: { tag: 'order', id: '5' } })
})

describe('tag', () => {
  test.each<[string[], string, object, string[]]>([
    [['create', 'order', '--step', '5'], 'CreateTag', { tag: 'order', step: '5' }, SHOWN],
    [
      ['set', 'order', '--buffer', 'double'],
      'UpdateTag',
      { tag: 'order', version: '3', buffer: 'BUFFER_DOUBLE' },
      SHOWN.with(2, 'step: 5'),
    ],
    [
      ['raise', 'order', '9223372036854775807'],
      'RaiseTag',
      { tag: 'order', above: '9223372036854775807' },
      [...SHOWN, 'holds from: 1970-01-01T00:00:01.000Z'],
    ],
    [
      ['freeze', 'order'],
      'FreezeTag',
      { tag: 'order' },
      SHOWN.with(6, 'frozen: went-backwards, raise above 7'),
    ],
    [['unfreeze', 'order'], 'UnfreezeTag', { tag: 'order' }, SHOWN_EVENTS],
    [
      ['create', 'events', '--mode', 'snowflake', '--layout', 'sonyflake'],
      'CreateTag',
      { tag: 'events', mode: 'MODE_SNOWFLAKE', layout: 'sonyflake' },
      SHOWN,
    ],
    [['delete', 'order'], 'DeleteTag', { tag: 'order' }, ['deleted: order']],
    [
      ['list'],
      'ListTags',
      { pageSize: 1000 },
      [
        'tag\tmode\tstep\tmax_id\tmax_value\tbuffer\tfrozen\tversion\tlayout\tlayout_ends\tdescription',
        'order\tsegment\t1000\t1001\t9223372036854775807\tdefault\tno\t3\t\t\ttwo columns and a line',
        'events\tsnowflake\t\t\t\t\tno\t1\tsonyflake\t1970-01-01T00:00:02.000Z\t',
      ],
    ],
    [
      ['show', 'order'],
      'GetTagState',
      { tag: 'order' },
      [
        ...SHOWN,
        ...['instances: 2', 'instances that did not answer: 1', 'in memory: 2-9', 'waiters: 3'],
        ...['ids per second: 0.0', 'last lease: 2-1001 at 1970-01-01T00:00:02.000Z'],
        ...['instance: i', '  in memory: 2-9', '  waiters: 0', '  ids per second: 0.0'],
        '  last lease: 2-1001 at 1970-01-01T00:00:02.000Z',
        '  worker: 7, epoch 3, reserved until 1970-01-01T00:00:04.000Z',
        ...['instance: j', '  in memory: none', '  waiters: 3', '  ids per second: 0.0'],
      ],
    ],
    [
      ['owner', 'order', '5'],
      'FindOwner',
      { tag: 'order', id: '5' },
      ['instance: i', 'address: h', 'range: 2-9', 'leased: 1970-01-01T00:00:02.000Z'],
    ],
  ])('%j', async (args, method, request, lines) => {
    expect(await run('tag', ...args)).toStrictEqual(lines)
    expect(asked.at(-1)).toMatchObject({ method, request })
  })
})

test('health prints what the service says', async () => {
  expect(await run('health')).toStrictEqual(['SERVING'])
})

test('config prints what is in force, without the password', async () => {
  const lines = await run('config', '--store-url', 'mysql://me:hunter2@db/ids')
  expect(lines.join('\n')).toContain(`  port: ${port}\n`)
  expect(lines.join('\n')).toContain('  url: mysql://me:***@db/ids')
})

describe('the program ends with', () => {
  test.each<[number, string[], RegExp]>([
    [0, ['--version'], /^\d+\.\d+\.\d+\n$/],
    [0, ['--help'], /--grpc-port <value>/],
    [0, ['config'], /^# The settings/],
    [1, ['health', '--grpc-port', '1'], /^No service answers at 127\.0\.0\.1:1\. .*\n$/],
    [2, ['nonsense'], /^error: unknown command 'nonsense'\n$/],
    [2, ['next'], /^error: missing required argument 'tag'\n$/],
    [2, ['next', 'a', '--count', '1e3'], /whole number/],
    [2, ['decode'], /^error: missing required argument 'id'\n$/],
    [2, ['decode', '1.5'], /whole number/],
    [2, ['decode', '9223372036854775808'], /at most 64 bits/],
    [
      2,
      ['decode', '5', '--layout', 'facebook'],
      /no such layout: the layout must be one of twitter, /,
    ],
    [2, ['decode', '5', '--layout', 'twitter', '--tag', 'a'], /cannot be used with option '--tag/],
    [1, ['decode', '5'], /^The layout twitter has no id "5"\.\n$/],
    [2, ['tag', 'create', 'a', '--mode', 'both'], /Allowed choices are segment, snowflake\./],
    [2, ['tag', 'set', 'a', '--layout', 'twitter'], /unknown option '--layout'/],
    [2, ['tag', 'raise', 'a', '9223372036854775808'], /at most 64 bits/],
    [2, ['tag', 'set', 'a', '--buffer', 'triple'], /Allowed choices are chain, double\./],
    [2, ['tag', 'set', 'a', '--buffer', 'default'], /Allowed choices are chain, double\./],
    [2, ['--grpc-prot', '1'], /unknown option '--grpc-prot'/],
    [2, ['--grpc-port', 'x', '--http-port', 'y'], /--grpc-port: "x" .*\n.*--http-port: "y"/],
  ])('%i: idgen %j', (status, args, output) => {
    const main = join(PACKAGE_ROOT, 'cmd', 'idgen', 'main.ts')
    const ended = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' })
    expect(ended.status).toBe(status)
    expect(ended.stdout + ended.stderr).toMatch(output)
  })
})
