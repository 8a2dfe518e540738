import { status } from '@grpc/grpc-js'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import { PACKAGE_ROOT } from '../../cmd/idgen/package-root.ts'
import type { IdRange } from '../../internal/domain/entity/id-range.ts'
import { SnowflakeLayout } from '../../internal/domain/entity/snowflake-layout.ts'
import { ensureAscending, ensureDisjoint } from '../support/answered.ts'
import { countOf } from '../support/count-of.ts'
import { mysqlTestDatabase, type TestDatabase } from '../support/database.ts'
import { type Ended, Program } from '../support/program.ts'
import { type RunningService, serveReady } from '../support/running-service.ts'
import { runExample } from '../support/shown-example.ts'

/**
 * Goal: the contract holds for clients of other languages that consist of nothing but generated stubs.
 * Method: one client in each language, all at once, ask one service for ids of one tag, and for what
 * is refused or takes too long. Each prints what it was answered; here that is looked at.
 */

/** Those whose toolchain the machine has. */
const LANGUAGES = z
  .array(z.enum(['go', 'java', 'python']))
  .min(1)
  .parse(process.env['GOLOVES_TEST_LANGUAGES']?.split(' '))

const LIMIT_MS = 120_000
const TAG = 'beyond-doubles'
/** A double has one in 1024 of the numbers above this. */
const ABOVE = 2n ** 62n
const TAKEN = [
  ['NextIds', 100_000],
  ['NextId', 1_000],
  ['StreamIds', 1_000],
] as const
/** How long clients wait for an id of a locked tag, and what a busy machine may add to that. */
const PATIENCE_MS = 500
const LATE_MS = 2_000
const SNOWFLAKE_ID = 2_124_295_347_054_038_945n

let database: TestDatabase
let service: RunningService
let ended: ReadonlyMap<string, Ended>

beforeAll(async () => {
  database = await mysqlTestDatabase()
  const env = { GOLOVES_STORE_URL: database.url, GOLOVES_STORE_MIGRATE: 'true' }
  service = await serveReady([], { env })
  await createTag('order-service')
  await createTag(TAG, ABOVE)
  // A lease waits a second for a row that is locked. By then its caller's patience is over.
  await database.query('BEGIN')
  for (const language of LANGUAGES) {
    await createTag(lockedTag(language))
    await database.query('SELECT * FROM leaf_alloc WHERE biz_tag = ? FOR UPDATE', [
      lockedTag(language),
    ])
  }
  const runs = LANGUAGES.map(async (language) => [language, await runClient(language)] as const)
  ended = new Map(await Promise.all(runs))
}, LIMIT_MS)

afterAll(() => database.drop())

describe.each(LANGUAGES)('a client in %s', (language) => {
  test.each(TAKEN)('takes by %s %i ids', (check, count) => {
    expect(countOf(idsOf(language, check))).toBe(BigInt(count))
  })

  test('gets higher ids by each call', () => {
    const ranges = TAKEN.flatMap(([check]) => idsOf(language, check))
    ensureAscending(ranges, ABOVE)
  })

  test('is told in the middle of a stream what is wrong with one question', () => {
    expect(wordsOf(language, 'StreamIds').filter((word) => !/\d/.test(word))).toEqual([
      'TAG_NOT_FOUND',
    ])
  })

  test('reads from a refusal what is wrong', () => {
    const refusal = [String(status.NOT_FOUND), 'TAG_NOT_FOUND', 'goloves']
    expect(wordsOf(language, 'UnknownTag')).toEqual(refusal)
  })

  test('waits until its deadline, and no longer', () => {
    const [code, tookMs] = wordsOf(language, 'Deadline').map(Number)
    expect(code).toBe(status.DEADLINE_EXCEEDED)
    expect(tookMs).toBeGreaterThan(PATIENCE_MS / 2)
    expect(tookMs).toBeLessThan(PATIENCE_MS + LATE_MS)
  })

  test('has a snowflake id decoded as we decode it', () => {
    const layout = SnowflakeLayout.parse('twitter')
    const { tick, worker, sequence } = layout.unpack(SNOWFLAKE_ID)
    const parts = [layout.startOf(tick), worker, sequence].map(String)
    expect(wordsOf(language, 'DecodeId')).toEqual(parts)
  })

  test('has an example that runs as shown', async () => {
    const { code, stdout, stderr } = await runExample(language, service)
    expect(`${code} ${stderr}`).toBe('0 ')
    expect(stdout).toMatch(/^\d+\n$/)
  })
})

test('no id was given twice, to whichever client by whichever call', () => {
  const ranges = LANGUAGES.flatMap((language) => TAKEN.flatMap(([check]) => idsOf(language, check)))
  ensureDisjoint(ranges)
})

function lockedTag(language: string): string {
  return `locked-${language}`
}

async function createTag(tag: string, maxId = 0n): Promise<void> {
  await service.ask('goloves.v1.TagService/CreateTag', { tag, maxId })
}

function runClient(language: string): Promise<Ended> {
  const args = [service.grpcAddress, TAG, lockedTag(language), String(SNOWFLAKE_ID)]
  const command = `test/polyglot/${language}/client.sh`
  return new Program(args, { command, folder: PACKAGE_ROOT }).ended
}

/** What a client printed of one of its checks. @throws Error with its last words if it failed. */
function wordsOf(language: string, check: string): string[] {
  const { code, stdout = '', stderr } = ended.get(language) ?? {}
  const line = stdout.split('\n').find((text) => text.startsWith(`${check} `))
  if (code !== 0 || line === undefined) throw new Error(`It ended with ${code}: ${stderr}`)
  return line.split(' ').slice(1)
}

/** The ids that a client took by one of the calls: `7`, or `7..9/1` for a range and its step. */
function idsOf(language: string, check: string): IdRange[] {
  return wordsOf(language, check).flatMap((word) => {
    const [, first, last = first] = /^(\d+)(?:\.\.(\d+)\/1)?$/.exec(word) ?? []
    if (first === undefined || last === undefined) return []
    return [{ first: BigInt(first), last: BigInt(last) }]
  })
}
