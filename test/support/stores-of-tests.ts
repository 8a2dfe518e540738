import { afterEach } from '@jest/globals'
import { parseStoreUrl } from '../../internal/config/store-url.ts'
import { openStore, type Store } from '../../internal/repository/store.ts'
import { SystemClock } from '../../pkg/clock/system-clock.ts'
import type { TestDatabase } from './database.ts'

/** Whatever a test opens, until the test is over. */
export interface StoresOfTests {
  /** Creates a database, which is dropped in the end. */
  database(create: () => Promise<TestDatabase>): Promise<TestDatabase>
  /** Opens a store, which is closed in the end. */
  open(database: Pick<TestDatabase, 'url'>): Store
  /** Does something else in the end, before what was opened earlier is closed. */
  atEnd(end: () => Promise<void>): void
}

/** For the tests of one file. After each of them it ends what that has opened, the last first. */
export function storesOfTests(): StoresOfTests {
  const ends: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })
  return {
    async database(create) {
      const created = await create()
      ends.push(() => created.drop())
      return created
    },
    open({ url }) {
      const store = openStore(parseStoreUrl(url), {
        clock: new SystemClock(),
        random: Math.random,
        logger: { warn: () => {} },
        instance: { name: 'test', address: '127.0.0.1:50051' },
      })
      ends.push(() => store.close())
      return store
    },
    atEnd: (end) => void ends.push(end),
  }
}
