import { describe, expect, test } from '@jest/globals'
import { storeUnavailable } from '../../../pkg/errors/failures.ts'
import type { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import { aTag } from '../../../test/support/a-tag.ts'
import { ManualClock, settled } from '../../../test/support/manual-clock.ts'
import { SilentObserver } from '../../../test/support/silent-observer.ts'
import { Ledger } from './ledger.ts'
import { type LedgerEntry, LedgerRepository } from './ledger-repository.ts'

const { name: tag } = aTag()

/** Notes what is asked of it, and does it when the test says so. */
class Book extends LedgerRepository {
  readonly appends: (readonly LedgerEntry[])[] = []
  fault: Error | undefined
  /** While set, an append waits for it. */
  held: Promise<void> | undefined

  override async append(entries: readonly LedgerEntry[]): Promise<void> {
    this.appends.push(entries)
    const { fault } = this
    await this.held
    if (fault !== undefined) throw fault
  }

  /** The first ids of each append. */
  get written(): bigint[][] {
    return this.appends.map((entries) => entries.map(({ range }) => range.first))
  }

  override async find(): Promise<undefined> {}

  override async prune(): Promise<boolean> {
    return false
  }
}

class Listener extends SilentObserver {
  readonly heard: string[] = []

  override ledgerFailed({ code }: GolovesError): void {
    this.heard.push(code)
  }

  override ledgerWritten(): void {
    this.heard.push('written')
  }
}

function setUp() {
  const [book, clock, observer] = [new Book(), new ManualClock(), new Listener()]
  const ledger = new Ledger({ repository: book, clock, random: () => 1, observer })
  const note = (...firsts: number[]) => {
    for (const first of firsts) {
      ledger.note(tag, { first: BigInt(first), last: BigInt(first) + 9n })
    }
  }
  const hold = () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    book.held = promise
    return async () => {
      book.held = undefined
      resolve()
      await settled()
    }
  }
  return { book, clock, observer, ledger, note, hold }
}

describe('a lease', () => {
  test('is written at once, with nobody waiting', async () => {
    const { book, clock, observer, note } = setUp()
    note(1)
    expect(book.appends).toEqual([[{ tag, range: { first: 1n, last: 10n }, ageMs: 0 }]])
    await settled()
    expect(observer.heard).toEqual(['written'])
    expect(clock.pending).toBe(0)
  })

  test('that comes while others are written is written with all that came meanwhile', async () => {
    const { book, note, hold } = setUp()
    const release = hold()
    note(1, 2, 3)
    await settled()
    expect(book.written).toEqual([[1n]])
    await release()
    expect(book.written).toEqual([[1n], [2n, 3n]])
  })

  test('keeps its age while the store is away, and none is written twice after that', async () => {
    const { book, clock, observer, note } = setUp()
    book.fault = storeUnavailable(0)
    note(1)
    await clock.advance(3_000)
    note(2)
    const tries = book.appends.length
    book.fault = undefined
    await clock.advance(10_000)
    expect(book.appends.length).toBe(tries + 1)
    expect(book.written.at(-1)).toEqual([1n, 2n])
    const [first, second] = book.appends.at(-1) ?? []
    expect((first?.ageMs ?? 0) - (second?.ageMs ?? 0)).toBe(3_000)
    expect(observer.heard.at(-1)).toBe('written')
    expect(clock.pending).toBe(0)
  })
})

describe('a ledger that cannot be written', () => {
  test('is tried again ever more rarely, and remembers the last 10,000', async () => {
    const { book, clock, observer, note } = setUp()
    book.fault = storeUnavailable(0)
    for (let first = 1; first <= 10_500; first += 1) note(first)
    await clock.advance(60_000)
    const tries = book.appends.length
    expect(tries).toBeLessThan(20)
    await clock.advance(100_000)
    expect(book.appends.length - tries).toBe(10)
    expect(new Set(observer.heard)).toEqual(new Set(['STORE_UNAVAILABLE']))
    const failed = book.appends.length
    book.fault = undefined
    await clock.advance(10_000)
    const written = book.written.slice(failed).flat()
    expect(written).toHaveLength(10_000)
    expect([written.at(0), written.at(-1)]).toEqual([501n, 10_500n])
  })

  test('for a reason that does not pass is told of, and what it refused is given up', async () => {
    const { book, clock, observer, note } = setUp()
    book.fault = new Error('Data too long for column.')
    note(1)
    await settled()
    expect(observer.heard).toEqual(['INTERNAL'])
    expect(clock.pending).toBe(0)
    book.fault = undefined
    note(2)
    await settled()
    expect(book.written).toEqual([[1n], [2n]])
    expect(observer.heard).toEqual(['INTERNAL', 'written'])
  })
})

describe('close', () => {
  test('writes what is left', async () => {
    const { book, clock, ledger, note } = setUp()
    book.fault = storeUnavailable(0)
    note(1)
    await settled()
    book.fault = undefined
    for (let first = 2; first <= 2_000; first += 1) note(first)
    await ledger.close()
    expect(new Set(book.written.slice(1).flat()).size).toBe(2_000)
    expect(clock.pending).toBe(0)
  })

  test('leaves the rest of what a slow store does not write in two seconds', async () => {
    const { book, clock, ledger, note, hold } = setUp()
    const release = hold()
    for (let first = 1; first <= 2_000; first += 1) note(first)
    const closed = ledger.close()
    await clock.advance(2_000)
    await release()
    await closed
    expect(book.written.flat().length).toBeLessThan(2_000)
    expect(clock.pending).toBe(0)
  })

  test('gives up after one attempt that fails', async () => {
    const { book, clock, ledger, note } = setUp()
    book.fault = storeUnavailable(0)
    note(1)
    await settled()
    await ledger.close()
    await clock.advance(60_000)
    expect(book.appends).toHaveLength(2)
    expect(clock.pending).toBe(0)
  })

  test('asks nothing of the store if all is written', async () => {
    const { book, ledger, note } = setUp()
    note(1)
    await settled()
    await ledger.close()
    note(2)
    await settled()
    expect(book.appends).toHaveLength(1)
  })

  test('does not wait for an attempt that is under way, and writes the same again', async () => {
    const { book, ledger, note, hold } = setUp()
    const release = hold()
    note(1, 2)
    book.held = undefined
    await ledger.close()
    expect(book.written).toEqual([[1n], [1n, 2n]])
    await release()
    expect(book.appends).toHaveLength(2)
  })
})
