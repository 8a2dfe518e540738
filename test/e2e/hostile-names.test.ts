import { join } from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import { z } from 'zod'
import { PACKAGE_ROOT } from '../../cmd/idgen/package-root.ts'
import { numberOf } from '../../internal/repository/database/row.ts'
import { mysqlTestDatabase, sqliteTestDatabase, type TestDatabase } from '../support/database.ts'
import { Siege } from '../support/hostile-siege.ts'
import { Program } from '../support/program.ts'

/**
 * Goal: who makes up names without end costs others little: they are served, whether their tags are
 * known or asked for the first time, and the store writes far less than once for each name.
 * Method: hundreds of calls at once, each for another tag that does not exist, until 10,000 (or as many as
 * GOLOVES_TEST_UNKNOWN_TAGS says) were asked for.
 */

const NAMES = Number(process.env['GOLOVES_TEST_UNKNOWN_TAGS'] ?? 10_000)
const AT_ONCE = 400
const LIMIT_MS = 120_000 + 2 * NAMES
const MOST_MB = 450
const FLOOD = join(PACKAGE_ROOT, 'test', 'support', 'ask-unknown-tags.ts')
const KNOWN = 'known'
const NEW_TAGS = Array.from({ length: 10_000 }, (_, n) => `new-${n}`)
/** By turns, so that either transport is asked for both kinds. */
const TAGS = NEW_TAGS.flatMap((tag, n) => (n % 2 === 0 ? [KNOWN, KNOWN, tag] : [tag]))

let siege: Siege
let database: TestDatabase
afterEach(async () => {
  await siege.service.stop()
  await database.drop()
})

test.each([
  ['SQLite', sqliteTestDatabase, 'BEGIN UPDATE proofs SET n = n + 1; END'],
  ['MariaDB', mysqlTestDatabase, 'FOR EACH ROW UPDATE proofs SET n = n + 1'],
])(
  `${NAMES} unknown tags on %s`,
  async (_, open, count) => {
    database = await open()
    siege = await Siege.of('--store-url', database.url, '--store-migrate', 'true')
    const { grpcAddress, httpAddress } = siege.service
    const rows = [KNOWN, ...NEW_TAGS].map((tag) => `('${tag}', 0, 1000)`)
    await database.query(`INSERT INTO leaf_alloc (biz_tag, max_id, step) VALUES ${rows}`)
    await database.query('CREATE TABLE proofs (n integer)')
    await database.query('INSERT INTO proofs VALUES (0)')
    await database.query(`CREATE TRIGGER proof AFTER INSERT ON leaf_instance ${count}`)
    await siege.withstand({ mostMb: MOST_MB, tags: TAGS }, async () => {
      const counts = [NAMES, AT_ONCE].map(String)
      const flood = new Program([FLOOD, grpcAddress, httpAddress, ...counts])
      const { stdout, stderr } = await flood.ended
      expect(stderr).toBe('')
      const answers = z.record(z.string(), z.number()).parse(JSON.parse(stdout))
      expect(answers).toEqual({ 'gRPC 5': expect.any(Number), 'HTTP 404': expect.any(Number) })
    })
    const [row] = await database.query('SELECT n FROM proofs')
    const proofs = numberOf(row ?? {}, 'n')
    process.stdout.write(`${proofs} commits\n`)
    expect(proofs).toBeLessThan(NAMES / 4)
  },
  LIMIT_MS,
)
