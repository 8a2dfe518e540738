import { expect, test } from '@jest/globals'
import { storeUnavailable } from '../../../pkg/errors/failures.ts'
import type { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import { ManualClock, settled } from '../../../test/support/manual-clock.ts'
import { SilentObserver } from '../../../test/support/silent-observer.ts'
import { MemoryLedgerRepository } from '../../repository/ledger/memory-ledger-repository.ts'
import { MemoryStore } from '../../repository/memory-store.ts'
import { MemoryRestRepository } from '../../repository/rest/memory-rest-repository.ts'
import { Housekeeping } from './housekeeping.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

class Listener extends SilentObserver {
  readonly faults: string[] = []

  override storeFailed({ code }: GolovesError): void {
    this.faults.push(code)
  }
}

/** A housekeeping that begins half an hour after its start, and what it asks of the store. */
function setUp() {
  const store = new MemoryStore()
  const clock = new ManualClock()
  const observer = new Listener()
  const rests = new MemoryRestRepository(store, 'A', () => clock.nowMs())
  const ledger = new MemoryLedgerRepository(store, 'A', () => clock.nowMs())
  const asked: string[] = []
  /** What each prune comes to. */
  const outcome = { rests: async () => false, ledger: async () => false }
  rests.prune = (ageMs) => {
    asked.push(`rests ${ageMs / DAY_MS}`)
    return outcome.rests()
  }
  ledger.prune = (ageMs) => {
    asked.push(`ledger ${ageMs / DAY_MS}`)
    return outcome.ledger()
  }
  const options = { rests, ledger, ledgerDays: 30, clock, random: () => 0.5, observer }
  return { clock, observer, asked, outcome, housekeeping: new Housekeeping(options) }
}

test('removes rests after a day and leases after the days of the settings, hour by hour', async () => {
  const { clock, asked, housekeeping } = setUp()
  housekeeping.start()
  await clock.advance(HOUR_MS / 2 - 1)
  expect(asked).toEqual([])
  await clock.advance(1)
  expect(asked).toEqual(['rests 1', 'ledger 30'])
  await clock.advance(HOUR_MS / 2)
  expect(asked).toHaveLength(4)
})

test('goes on in a round until there is no more', async () => {
  const { asked, outcome, housekeeping } = setUp()
  let left = 3
  outcome.ledger = async () => --left > 0
  await housekeeping.clean()
  expect(asked).toEqual(['rests 1', 'ledger 30', 'ledger 30', 'ledger 30'])
})

test('ends a round that finds no end', async () => {
  const { asked, outcome, housekeeping } = setUp()
  outcome.rests = async () => true
  outcome.ledger = async () => true
  await housekeeping.clean()
  expect(asked).toHaveLength(2_000)
})

test('says that the store fails, and tries again in the next round', async () => {
  const { clock, observer, asked, outcome, housekeeping } = setUp()
  outcome.rests = () => Promise.reject(storeUnavailable(0))
  housekeeping.start()
  await clock.advance(HOUR_MS / 2)
  expect([asked, observer.faults]).toEqual([['rests 1'], ['STORE_UNAVAILABLE']])
  outcome.rests = async () => false
  await clock.advance(HOUR_MS / 2)
  expect(asked).toEqual(['rests 1', 'rests 1', 'ledger 30'])
})

test('stopped between two rounds, it leaves no timer behind and does not begin again', async () => {
  const { clock, asked, housekeeping } = setUp()
  housekeeping.start()
  housekeeping.stop()
  expect(clock.pending).toBe(0)
  housekeeping.start()
  await clock.advance(2 * HOUR_MS)
  expect(asked).toEqual([])
})

test('stopped in the middle of a round, it ends with what it is doing', async () => {
  const { clock, asked, outcome, housekeeping } = setUp()
  const { promise, resolve } = Promise.withResolvers<boolean>()
  outcome.rests = () => promise
  housekeeping.start()
  await clock.advance(HOUR_MS / 2)
  housekeeping.stop()
  resolve(true)
  await settled()
  expect(asked).toEqual(['rests 1'])
  expect(clock.pending).toBe(0)
})
