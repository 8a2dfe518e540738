import { describe } from '@jest/globals'
import {
  mysqlRig,
  mysqlTransactionRig,
  type OpenRig,
  sqliteRig,
  type Wrap,
} from '../support/store-rig.ts'
import { TwiceDatabase } from '../support/twice-database.ts'
import { leasesTwiceHarmlessly } from './segment-repository.contract.ts'
import { changesTwiceHarmlessly } from './tag-changes.contract.ts'

// Drivers, proxies and people repeat statements; promise 11 says that it does no harm.

const RIGS: readonly [string, (wrap: Wrap) => ReturnType<OpenRig>][] = [
  ['sqlite', sqliteRig],
  ['mysql', mysqlRig],
  ['mysql-transaction', mysqlTransactionRig],
]

describe.each(['first', 'last'] as const)(
  'each statement is executed twice, and the %s answer seen',
  (seen) => {
    for (const [name, rig] of RIGS) {
      const open = () => rig((database) => new TwiceDatabase(database, seen))
      leasesTwiceHarmlessly(name, open)
      if (seen === 'first') changesTwiceHarmlessly(name, open)
    }
  },
)
