import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { loadSettings, type SettingSources, SettingsError } from './load-settings.ts'
import { redacted } from './redacted.ts'
import { settingsAsYaml } from './settings-as-yaml.ts'

const PROJECT = new URL('../../', import.meta.url)

type Sources = Partial<SettingSources> & { files?: Record<string, string> }

/** Loads from these sources; `files` maps paths to contents. */
function load({ files = {}, ...sources }: Sources) {
  const readFile = (path: string) => {
    const text = files[path]
    if (text === undefined) throw new Error('no such file')
    return text
  }
  return loadSettings({ flags: {}, env: {}, config: undefined, readFile, ...sources })
}

/** The lines of the error that these sources cause. */
function faultsOf(sources: Sources): string[] {
  try {
    load(sources)
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    return error.message
      .split('\n')
      .slice(1)
      .map((line) => line.replace('  - ', ''))
  }
  throw new Error('These settings are fine.')
}

describe('where a setting comes from', () => {
  const files = { 'g.yaml': 'grpc: {port: 1}\nhttp: {port: 2}\ntags:\n' }
  const env = { GOLOVES_GRPC_PORT: '3', GOLOVES_CONFIG: 'g.yaml', HOME: '/' }

  test('without any source the defaults hold', () => {
    const { grpc, store } = load({})
    expect(grpc).toStrictEqual({
      host: '127.0.0.1',
      port: 50051,
      maxMessageBytes: 65536,
      maxConcurrentStreams: 1000,
      maxConnections: 12_000,
      maxCalls: 10_000,
      maxLastingCalls: 1000,
      keepaliveMs: 60_000,
      idleMs: 300_000,
    })
    expect(store).toStrictEqual({
      url: 'sqlite:./data/goloves.db',
      migrate: false,
      allowLossyCommits: false,
    })
  })

  test('the environment beats the file, and a flag beats both', () => {
    expect(load({ files, env }).grpc.port).toBe(3)
    expect(load({ files, env }).http.port).toBe(2)
    expect(load({ files, env, flags: { '--grpc-port': '4' } }).grpc.port).toBe(4)
  })

  test('the file named by the flag beats the one named by the environment', () => {
    expect(load({ env, config: 'h.yaml', files: { 'h.yaml': 'http: {port: 5}' } }).http.port).toBe(
      5,
    )
  })

  test('a secret may come from a file, without its last line end', () => {
    const url = 'mysql://root:secret@db:3306/ids'
    const settings = load({ env: { GOLOVES_STORE_URL_FILE: '/s' }, files: { '/s': `${url}\n` } })
    expect(settings.store.url).toBe(url)
  })

  test.each<[string, Sources, object]>([
    ['any free one unless it is fixed', {}, { leaseMs: 30_000, id: 'auto' }],
    [
      'fixed by digits',
      { env: { GOLOVES_WORKER_ID: '0', GOLOVES_WORKER_LEASE_MS: '1000' } },
      { leaseMs: 1_000, id: 0 },
    ],
    [
      'freed again by a stronger source',
      { env: { GOLOVES_WORKER_ID: '7' }, flags: { '--worker-id': 'auto' } },
      { leaseMs: 30_000, id: 'auto' },
    ],
    [
      'fixed in a file',
      { config: 'g', files: { g: 'worker: {id: 65535, leaseMs: 50000}' } },
      { leaseMs: 50_000, id: 65_535 },
    ],
  ])('the worker id is %s', (_, sources, worker) => {
    expect(load(sources).worker).toStrictEqual(worker)
  })

  test.each<[string, Sources, number | 'auto']>([
    ['one unless more are asked for', {}, 1],
    ['given by digits', { env: { GOLOVES_WORKERS: '4' } }, 4],
    ['one per core', { env: { GOLOVES_WORKERS: '4' }, flags: { '--workers': 'auto' } }, 'auto'],
    ['given in a file, in no section', { config: 'g', files: { g: 'workers: 256' } }, 256],
  ])('the workers are %s', (_, sources, workers) => {
    expect(load(sources).workers).toBe(workers)
  })

  test('the variables of tests are no settings', () => {
    expect(load({ env: { GOLOVES_TEST_MYSQL_URL: 'x' } })).toStrictEqual(load({}))
  })
})

describe('faults', () => {
  const port = 'is not a whole number from 0 to 65535.'

  test.each<[string, Sources, string]>([
    ['a word', { env: { GOLOVES_GRPC_PORT: 'abc' } }, `GOLOVES_GRPC_PORT: "abc" ${port}`],
    ['nothing', { env: { GOLOVES_GRPC_PORT: '' } }, `GOLOVES_GRPC_PORT: "" ${port}`],
    ['too high', { flags: { '--http-port': '65536' } }, `--http-port: "65536" ${port}`],
    ['negative', { flags: { '--http-port': '-1' } }, `--http-port: "-1" ${port}`],
    ['hexadecimal', { flags: { '--http-port': '0x50' } }, `--http-port: "0x50" ${port}`],
    [
      'a fraction in the file',
      { config: 'g', files: { g: 'http: {port: 1.5}' } },
      `http.port in g: 1.5 ${port}`,
    ],
    ['null', { config: 'g', files: { g: 'http: {port: }' } }, `http.port in g: null ${port}`],
    [
      'neither true nor false',
      { env: { GOLOVES_STORE_MIGRATE: 'yes' } },
      'GOLOVES_STORE_MIGRATE: "yes" is not true or false.',
    ],
    ...['-1', '65536', '1.5', '', 'any', 'AUTO', ' 7'].map((id): [string, Sources, string] => [
      `the worker id "${id}"`,
      { env: { GOLOVES_WORKER_ID: id } },
      `GOLOVES_WORKER_ID: "${id}" is not auto, or a whole number from 0 to 65535.`,
    ]),
    ...['999', '50001'].map((ms): [string, Sources, string] => [
      `a lease of ${ms} ms`,
      { env: { GOLOVES_WORKER_LEASE_MS: ms } },
      `GOLOVES_WORKER_LEASE_MS: "${ms}" is not a whole number from 1000 to 50000.`,
    ]),
    ...['0', '257', 'all'].map((count): [string, Sources, string] => [
      `"${count}" workers`,
      { env: { GOLOVES_WORKERS: count } },
      `GOLOVES_WORKERS: "${count}" is not auto, or a whole number from 1 to 256.`,
    ]),
    [
      'a section where there is none',
      { config: 'g', files: { g: 'workers: {count: 2}' } },
      'workers in g: {"count":2} is not auto, or a whole number from 1 to 256.',
    ],
    ...[2, 'auto'].map((workers): [string, Sources, string] => [
      `one worker id for ${workers} workers`,
      { env: { GOLOVES_WORKERS: String(workers), GOLOVES_WORKER_ID: '7' } },
      `worker.id: 7 is one worker id, and each of workers: ${workers} needs its own.`,
    ]),
    [
      'not among the words',
      { env: { GOLOVES_SEGMENT_BUFFER: 'triple' } },
      'GOLOVES_SEGMENT_BUFFER: "triple" is not one of chain, double.',
    ],
    ['an unknown variable', { env: { GOLOVES_PORT: '1' } }, 'GOLOVES_PORT is no setting.'],
    [
      'a file for what is no secret',
      { env: { GOLOVES_GRPC_PORT_FILE: '/s' } },
      'GOLOVES_GRPC_PORT_FILE is no setting.',
    ],
    ['an unknown flag', { flags: { '--port': '1' } }, '--port is no setting.'],
    ['an unknown section', { config: 'g', files: { g: 'rpc: {}' } }, 'rpc in g is no setting.'],
    [
      'an unknown key',
      { config: 'g', files: { g: 'grpc: {prot: 1}' } },
      'grpc.prot in g is no setting.',
    ],
    [
      'a section that is no mapping',
      { config: 'g', files: { g: 'grpc: [1]' } },
      'grpc in g must be a mapping of names to values.',
    ],
    [
      'a file that is no mapping',
      { config: 'g', files: { g: 'grpc' } },
      'g must be a mapping of names to values.',
    ],
    [
      'a file that is not there',
      { config: 'g' },
      "the settings file: g can't be read: no such file",
    ],
    [
      'a secret file that is not there',
      { env: { GOLOVES_STORE_URL_FILE: '/s' } },
      "GOLOVES_STORE_URL_FILE: /s can't be read: no such file",
    ],
    [
      'a secret given twice',
      { env: { GOLOVES_STORE_URL_FILE: '/s', GOLOVES_STORE_URL: 'sqlite:a' } },
      'GOLOVES_STORE_URL_FILE and GOLOVES_STORE_URL are both set; one of them is enough.',
    ],
    [
      'a default deadline above the highest',
      { env: { GOLOVES_DEADLINE_MAX_MS: '100' } },
      'deadline.defaultMs: 5000 is above deadline.maxMs: 100.',
    ],
  ])('%s is refused', (_, sources, fault) => {
    expect(faultsOf(sources)).toStrictEqual([fault])
  })

  test.each([
    'postgres://me:hunter2@db/ids',
    'mysql://me:hunter2@db',
    'mysql://me:hunter2@db:port/ids',
    'mysql://me:hunter2%zz@db/ids',
    'mysql://me:hunter2@db/ids?hosts=:x',
    'sqlite:',
  ])('the store can not be %s, and the fault does not repeat it', (url) => {
    const faults = faultsOf({ env: { GOLOVES_STORE_URL: url } }).join()
    expect(faults).toContain('GOLOVES_STORE_URL: what is given (hidden) is not mysql://')
    expect(faults).not.toContain('hunter2')
  })

  test('a file that is no YAML is not quoted, since a secret may stand in it', () => {
    const faults = faultsOf({
      config: 'g',
      files: { g: 'store: {url: "mysql://me:hunter2@db/ids}\n' },
    })
    expect(faults).toHaveLength(1)
    expect(faults.join()).toMatch(/^g is no YAML: /)
    expect(faults.join()).not.toContain('hunter2')
  })

  test('all are listed at once, also those that a stronger source would replace', () => {
    const faults = faultsOf({
      config: 'g',
      files: { g: 'grpc: {port: x, prot: 1}\nrpc: 1' },
      env: { GOLOVES_GRPC_PORT: '-1', GOLOVES_PORT: '1' },
      flags: { '--grpc-port': '1', '--log-level': 'loud' },
    })
    expect(faults).toHaveLength(6)
  })

  test('settings that do not fit each other are listed beside the rest', () => {
    const wrong = { GOLOVES_GRPC_PORT: '-1', GOLOVES_STORE_URL: 'mysql://me:p%zz@db/ids' }
    const misfits = { GOLOVES_DEADLINE_MAX_MS: '100', GOLOVES_WORKERS: '2', GOLOVES_WORKER_ID: '0' }
    const faults = faultsOf({ env: { ...wrong, ...misfits } })
    expect(faults).toHaveLength(4)
    expect(faults.slice(2)).toStrictEqual([
      'deadline.defaultMs: 5000 is above deadline.maxMs: 100.',
      'worker.id: 0 is one worker id, and each of workers: 2 needs its own.',
    ])
  })

  test.each([
    [
      { GOLOVES_DEADLINE_DEFAULT_MS: '40000', GOLOVES_DEADLINE_MAX_MS: 'x' },
      'GOLOVES_DEADLINE_MAX_MS: "x" is not a whole number from 1 to 600000.',
    ],
    [
      { GOLOVES_WORKERS: '2', GOLOVES_WORKER_ID: 'x' },
      'GOLOVES_WORKER_ID: "x" is not auto, or a whole number from 0 to 65535.',
    ],
  ])('nothing is measured against what stands in for a wrong value: %j', (env, fault) => {
    expect(faultsOf({ env })).toStrictEqual([fault])
  })
})

describe('showing settings', () => {
  test('hides the password of the store and nothing else', () => {
    const shown = redacted(load({ env: { GOLOVES_STORE_URL: 'mysql://me:hunter2@db:3306/ids' } }))
    expect(shown.store.url).toBe('mysql://me:***@db:3306/ids')
    expect(redacted(load({}))).toStrictEqual(load({}))
  })

  test.each(['default', 'example-mysql'])('configs/%s.yaml is without fault', (name) => {
    const text = readFileSync(new URL(`configs/${name}.yaml`, PROJECT), 'utf8')
    expect(load({ config: 'g', files: { g: text } })).toBeDefined()
  })

  test('what is printed can be read back', () => {
    const settings = load({ flags: { '--store-url': 'sqlite:./a path: # with everything "' } })
    expect(load({ config: 'g', files: { g: settingsAsYaml(settings) } })).toStrictEqual(settings)
  })
})
