import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { demo } from '../../cmd/idgen/commands/demo.ts'
import { thisMachine } from '../../cmd/idgen/machine.ts'
import { ProgressLine } from '../../cmd/idgen/progress-line.ts'
import { loadSettings } from '../../internal/config/load-settings.ts'
import { openLog } from '../../internal/telemetry/logger.ts'
import { mysqlTestDatabase, type TestDatabase } from '../support/database.ts'
import { FaultProxy } from '../support/fault-proxy.ts'
import { idgen } from '../support/program.ts'
import { serveReady } from '../support/running-service.ts'

// What is asked of, or set in, the server as a whole.

const SLOW_MS = 100
/** So that every thousand ids wait for the database. */
const FIXED_DOUBLE = { '--segment-sizing': 'fixed', '--segment-buffer': 'double' }

let hand: TestDatabase

beforeAll(async () => {
  hand = await mysqlTestDatabase()
})

afterAll(() => hand.drop())

describe('demo', () => {
  test.each(['chain', 'double'])(
    'takes 5000 distinct ids by at most 8 leases: %s',
    async (kind) => {
      const args = ['demo', '--segment-sizing', 'fixed', '--segment-buffer', kind]
      const { code, stdout } = await idgen([
        ...args,
        ...['--store-url', hand.url, '--store-migrate', 'true'],
      ])
      expect(code).toBe(0)
      expect(stdout).toMatch(/^Distinct ids: 5000$/m)
      const counted = /^Lease statements the database counted: (\d+) \(UPDATE statements\)$/m
      const [, leases] = counted.exec(stdout) ?? []
      expect(Number(leases)).toBeGreaterThan(0)
      expect(Number(leases)).toBeLessThanOrEqual(8)
    },
  )
})

test('demo shows on a terminal how many ids it has taken while the database is slow', async () => {
  const proxy = await FaultProxy.to(hand.url)
  proxy.delay(SLOW_MS)
  const texts: string[] = []
  const terminal = { isTTY: true, write: (text: string) => texts.push(text) }
  const flags = { '--store-url': proxy.url, '--store-migrate': 'true', ...FIXED_DOUBLE }
  const settings = loadSettings({ flags, env: {}, config: undefined, readFile: String })
  const machine = thisMachine(openLog('silent'))
  const print = (line: string) => texts.push(line)
  try {
    await demo(settings, machine, print, new ProgressLine(terminal))
  } finally {
    await proxy.close()
  }
  expect(texts).toContain('\x1b[K0 of 5000 ids\r')
  expect(texts).toContainEqual(expect.stringMatching(/[1-9]\d* of 5000 ids\r$/))
  const firstLine = texts.findIndex((text) => text.startsWith('Total time'))
  expect(texts[firstLine - 1]).toBe('\x1b[K\r')
  expect(texts.slice(firstLine).join('')).not.toContain(' of 5000 ids')
})

test('a server that loses commits is refused, unless a setting insists', async () => {
  const [before] = await hand.query('SELECT @@GLOBAL.innodb_flush_log_at_trx_commit AS kept')
  await hand.query('SET GLOBAL innodb_flush_log_at_trx_commit = 0')
  try {
    const url = ['--store-url', hand.url, '--store-migrate', 'true']
    const ports = ['--grpc-port', '0', '--http-port', '0', '--shutdown-drain-delay-ms', '0']
    const [refused, refusedTwice, served] = await Promise.all([
      idgen(['serve', ...url, ...ports]),
      idgen(['serve', '--workers', '2', ...url, ...ports]),
      serveReady([...url, '--store-allow-lossy-commits', 'true']),
    ])
    expect(refused.code).toBe(1)
    expect(await idgen(['demo', ...url])).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toMatch(
      /^The server loses commits when it crashes: .* overrides this\.$/m,
    )
    expect(refusedTwice.code).toBe(1)
    expect(
      refusedTwice.stderr.match(/^The server loses commits .* overrides this\.$/gm),
    ).toHaveLength(1)
    await served.program.said(/"commits-lost-on-crash"/)
    expect((await served.http('GET', '/readyz')).status).toBe(200)
  } finally {
    const value = Number(before?.['kept'])
    await hand.query('SET GLOBAL innodb_flush_log_at_trx_commit = ?', [value])
  }
})
