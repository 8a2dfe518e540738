import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Database } from '../../internal/repository/database/database.ts'
import { mysqlTestDatabase, type TestDatabase } from '../support/database.ts'
import { openDatabase } from '../support/store-rig.ts'

/** More than there are connections. */
const CALLERS = 40

let server: TestDatabase
let database: Database

beforeAll(async () => {
  server = await mysqlTestDatabase()
  database = openDatabase(server.url)
})

afterAll(async () => {
  await database.close()
  await server.drop()
})

/** Keeps a connection busy for a moment. */
function ask(signal: AbortSignal, onBegin = (): void => {}): Promise<unknown> {
  return database.run(signal, (session) => {
    onBegin()
    return session.run('SELECT SLEEP(0.05)')
  })
}

test.each(['waits for a connection', 'runs'])(
  'a statement that %s and is given up takes no other with it',
  async (when) => {
    const givenUp = new AbortController()
    const abort = () => givenUp.abort()
    const first = ask(givenUp.signal, when === 'runs' ? abort : undefined)
    const others = Array.from({ length: CALLERS }, () => ask(AbortSignal.timeout(10_000)))
    const ends = Promise.allSettled([first, ask(givenUp.signal)])
    if (when !== 'runs') abort()
    const outcomes = await Promise.allSettled(others)
    expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([])
    expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  },
)
