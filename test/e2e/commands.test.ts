import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { type Ended, idgen, newFolder } from '../support/program.ts'
import { type RunningService, serveReady } from '../support/running-service.ts'

let service: RunningService

beforeAll(async () => {
  service = await serveReady()
})

/** What a command prints that succeeds. */
async function printed(...args: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await service.idgen(...args)
  expect(`${code} ${stderr}`).toBe('0 ')
  return stdout.trimEnd().split('\n')
}

describe('against the running service', () => {
  test('next prints ids, one per line', async () => {
    expect(await printed('next', 'order-service')).toStrictEqual(['2'])
    const five = await printed('next', 'order-service', '--count', '5')
    expect(five).toStrictEqual(['3', '4', '5', '6', '7'])
  })

  test('next passes on what the service refuses', async () => {
    const [unknown, zero] = await Promise.all([
      service.idgen('next', 'unknown'),
      service.idgen('next', 'order-service', '--count', '0'),
    ])
    expect(unknown).toMatchObject({ code: 1, stdout: '' })
    expect(unknown.stderr).toBe('TAG_NOT_FOUND: There is no tag "unknown".\n')
    expect(zero).toMatchObject({ code: 1, stdout: '' })
    expect(zero.stderr).toMatch(/^COUNT_OUT_OF_RANGE: .*\n$/)
  })

  test('tag takes a tag through its whole life', async () => {
    const created = await printed('tag', 'create', 'invoice', '--step', '50', '--max-id', '100')
    expect(created).toStrictEqual(expect.arrayContaining(['tag: invoice', 'step: 50']))
    expect(await service.nextId('invoice')).toBe(101n)
    const changed = await printed('tag', 'set', 'invoice', '--step', '70', '--buffer', 'double')
    expect(changed).toStrictEqual(expect.arrayContaining(['step: 70', 'buffer: double']))

    expect(await printed('tag', 'freeze', 'invoice')).toContain('frozen: operator')
    await expect(service.nextId('invoice')).rejects.toThrow('TAG_FROZEN')
    const shownFrozen = await printed('tag', 'show', 'invoice')
    const whyNone = ['frozen: operator', 'in memory: none', 'last error: TAG_FROZEN']
    expect(shownFrozen).toStrictEqual(expect.arrayContaining(whyNone))
    expect(await printed('tag', 'unfreeze', 'invoice')).toContain('frozen: no')

    const raised = await printed('tag', 'raise', 'invoice', '9007199254740993')
    expect(raised).toContain('max_id: 9007199254740993')
    expect(await service.nextId('invoice')).toBe(9007199254740994n)
    const shown = await printed('tag', 'show', 'invoice')
    expect(shown).toStrictEqual(
      expect.arrayContaining([
        'tag: invoice',
        'step: 70',
        expect.stringMatching(/^in memory: 9007199254740995-/),
      ]),
    )

    const list = await printed('tag', 'list')
    expect(list.map((line) => line.split('\t')[0])).toStrictEqual([
      'tag',
      'invoice',
      'order-service',
      'snowflake',
    ])
    expect(await printed('tag', 'delete', 'invoice')).toStrictEqual(['deleted: invoice'])
    const gone = await service.idgen('tag', 'show', 'invoice')
    expect(gone).toMatchObject({ code: 1, stderr: expect.stringMatching(/^TAG_NOT_FOUND: /) })
  })

  test('health says that it serves', async () => {
    expect(await printed('health')).toStrictEqual(['SERVING'])
  })
})

test('every command that needs the service says so where there is none', async () => {
  const commands = [
    'next a',
    'decode 5 --tag a',
    'tag list',
    'tag create a',
    'tag show a',
    'tag set a --step 5',
    'tag raise a 5',
    'tag owner a 5',
    'tag freeze a',
    'tag unfreeze a',
    'tag delete a',
    'health',
  ]
  const ended = await Promise.all(
    commands.map((command) => idgen([...command.split(' '), '--grpc-port', '1'])),
  )
  const silence = 'No service answers at 127.0.0.1:1. Start one with: idgen serve\n'
  for (const end of ended) expect(end).toMatchObject({ code: 1, stdout: '', stderr: silence })
})

test('config prints what is in force, wherever it comes from, and no secret', async () => {
  const folder = newFolder()
  writeFileSync(join(folder, 'url'), 'mysql://me:hunter2@db/ids\n')
  writeFileSync(join(folder, 'idgen.yaml'), 'http: {port: 81}\ngrpc: {port: 82}\n')
  const env = {
    GOLOVES_STORE_URL_FILE: 'url',
    GOLOVES_CONFIG: 'idgen.yaml',
    GOLOVES_GRPC_PORT: '83',
  }
  const { code, stdout, stderr } = await idgen(['config', '--log-level', 'warn'], { folder, env })
  expect(`${code} ${stderr}`).toBe('0 ')
  expect(stdout).toMatch(/^grpc:\n.*^ {2}port: 83\n.*^http:\n.*^ {2}port: 81\n/ms)
  expect(stdout).toMatch(/^ {2}url: mysql:\/\/me:\*\*\*@db\/ids$/m)
  expect(stdout).toMatch(/^ {2}level: warn$/m)
  expect(stdout).not.toContain('hunter2')
})

describe('demo', () => {
  test.each(['chain', 'double'])('takes 5000 distinct ids by few leases: %s', async (buffer) => {
    demoIsRight(await idgen(['demo', '--segment-sizing', 'fixed', '--segment-buffer', buffer]))
  })
})

function demoIsRight({ code, stdout, stderr }: Ended): void {
  expect(code).toBe(0)
  // Nobody watches, so nothing is shown of how far it is.
  expect(stderr).not.toContain('5000 ids')
  expect(stderr).not.toContain('\r')
  expect(stdout).toMatch(/^Total time: [\d.]+ ms for 5000 ids by 10 callers$/m)
  expect(stdout).toMatch(/^Distinct ids: 5000$/m)
  const [, before, after] =
    /^max_id of order-service: (\d+) before, (\d+) after$/m.exec(stdout) ?? []
  expect(Number(after) - Number(before)).toBeGreaterThanOrEqual(5000)
  const [, leases] =
    /^Lease statements the database counted: (\d+) \(rows changed\)$/m.exec(stdout) ?? []
  expect(Number(leases)).toBeGreaterThan(0)
  expect(Number(leases)).toBeLessThanOrEqual(8)
}
