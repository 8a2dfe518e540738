import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { MAX_ID, parseTagName, type TagName } from '../../internal/domain/entity/tag.ts'
import type { LedgerEntry } from '../../internal/domain/generator/ledger-repository.ts'
import type { OpenRestRig, RestRig } from '../support/rest-rig.ts'
import { pruneAll } from './prune-all.ts'

const DAY_MS = 86_400_000
/** By how much a busy machine, and two clocks, may be off. */
const NEAR_MS = 5_000

/** What every `LedgerRepository` promises. */
export function ledgerRepositoryContract(name: string, open: OpenRestRig): void {
  describe(`ledger repository: ${name}`, () => {
    let rig: RestRig
    beforeAll(async () => {
      rig = await open()
    })
    afterAll(() => rig.close())

    finds(() => rig)
    findsAcrossRests(() => rig)
    tellsTimes(() => rig)
    prunes(() => rig)
  })
}

function finds(rig: () => RestRig): void {
  test('of each id it knows the instance, and the range to both ends', async () => {
    const tag = parseTagName('plain')
    await rig()
      .ledger('A')
      .append([entry(tag, 1n, 100n), entry(tag, 201n, 300n)])
    await rig()
      .ledger('B')
      .append([entry(tag, 101n, 200n)])
    const owners = await Promise.all(
      [1n, 100n, 101n, 200n, 201n, 300n].map((id) => ownerOf(rig(), tag, id)),
    )
    expect(owners).toEqual(['A', 'A', 'B', 'B', 'A', 'A'])
    const found = await rig().ledger('C').find(tag, 150n)
    expect(found).toMatchObject({ range: { first: 101n, last: 200n }, address: '' })
    expect(Object.keys(found ?? {}).sort()).toEqual(['address', 'instance', 'leasedAtMs', 'range'])
  })

  test('ids that nobody leased are not on record', async () => {
    const tag = parseTagName('gaps')
    await rig()
      .ledger('A')
      .append([entry(tag, 101n, 200n), entry(tag, 301n, 400n)])
    for (const id of [1n, 100n, 201n, 300n, 401n, MAX_ID]) {
      expect(await rig().ledger('A').find(tag, id)).toBeUndefined()
    }
  })

  test('Order is not order', async () => {
    await rig()
      .ledger('A')
      .append([entry('Order', 1n, 100n)])
    expect(await ownerOf(rig(), 'order', 50n)).toBeUndefined()
    await rig()
      .ledger('B')
      .append([entry('order', 1n, 100n)])
    expect(await ownerOf(rig(), 'Order', 50n)).toBe('A')
    expect(await ownerOf(rig(), 'order', 50n)).toBe('B')
  })

  test('the last id there is has an owner', async () => {
    const tag = parseTagName('end')
    await rig()
      .ledger('A')
      .append([entry(tag, 2n ** 53n, MAX_ID - 1n), entry(tag, MAX_ID, MAX_ID)])
    await rig()
      .ledger('B')
      .append([entry(tag, 9n, 10n), entry(tag, 99n, 100n)])
    const find = (id: bigint) => rig().ledger('A').find(tag, id)
    expect((await find(MAX_ID))?.range).toEqual({ first: MAX_ID, last: MAX_ID })
    expect((await find(MAX_ID - 1n))?.range).toEqual({ first: 2n ** 53n, last: MAX_ID - 1n })
    expect(await find(2n ** 53n - 1n)).toBeUndefined()
  })

  test('more than one statement holds are written at once, and so is nothing', async () => {
    const tag = parseTagName('many')
    const entries = Array.from({ length: 1_001 }, (_, i) =>
      entry(tag, BigInt(i + 1), BigInt(i + 1)),
    )
    await rig().ledger('A').append([])
    await rig().ledger('A').append(entries)
    for (const id of [1n, 500n, 501n, 1_001n]) expect(await ownerOf(rig(), tag, id)).toBe('A')
  })
}

function findsAcrossRests(rig: () => RestRig): void {
  const A = { instance: 'A', first: 1n, ageMs: 3_000 }
  const B = { instance: 'B', first: 51n, ageMs: 2_000 }
  const C = { instance: 'C', first: 81n, ageMs: 1_000 }
  const late = { ...A, ageMs: 0 }

  test.each([
    ['in the order in which they were leased', [A, B, C]],
    ['in another order', [C, A, B]],
    ['with a time that came late', [B, late, C]],
  ])('what was given back is of whom took it, written %s', async (_, leases) => {
    const tag = parseTagName(
      `rests-${leases.map(({ instance, ageMs }) => instance + ageMs).join('-')}`,
    )
    for (const { instance, first, ageMs } of leases) {
      await rig()
        .ledger(instance)
        .append([entry(tag, first, 100n, ageMs)])
    }
    const ids = [1n, 50n, 51n, 80n, 81n, 100n]
    const owners = await Promise.all(ids.map((id) => ownerOf(rig(), tag, id)))
    expect(owners).toEqual(['A', 'A', 'B', 'B', 'C', 'C'])
  })

  test('a rest that was given back untouched is of whom took it last', async () => {
    const tag = parseTagName('untouched')
    await rig()
      .ledger('C')
      .append([entry(tag, 1n, 100n, 1_000)])
    await rig()
      .ledger('A')
      .append([entry(tag, 1n, 100n, 9_000)])
    await rig()
      .ledger('D')
      .append([entry(tag, 1n, 100n, 500_000)])
    expect(await ownerOf(rig(), tag, 50n)).toBe('C')
  })
}

function tellsTimes(rig: () => RestRig): void {
  test.each([0, 0.25, 1_234.5, 60_000, 600_000_000])(
    'a lease made %s ms ago was made then, not when it was written',
    async (ageMs) => {
      const tag = parseTagName(`age-${ageMs}`)
      await rig()
        .ledger('A')
        .append([entry(tag, 1n, 100n, ageMs)])
      const { leasedAtMs = 0 } = (await rig().ledger('B').find(tag, 1n)) ?? {}
      expect(Math.abs(leasedAtMs - (Date.now() - ageMs))).toBeLessThan(NEAR_MS)
    },
  )

  test('a lease that is written down again keeps its time', async () => {
    const tag = parseTagName('twice')
    await rig()
      .ledger('A')
      .append([entry(tag, 1n, 100n, 100_000)])
    await rig()
      .ledger('A')
      .append([entry(tag, 1n, 100n, 0), entry(tag, 101n, 200n, 0)])
    const { leasedAtMs = 0 } = (await rig().ledger('A').find(tag, 1n)) ?? {}
    expect(Date.now() - leasedAtMs).toBeGreaterThan(100_000 - NEAR_MS)
    expect(await ownerOf(rig(), tag, 150n)).toBe('A')
  })
}

function prunes(rig: () => RestRig): void {
  test('what is old goes, except for the highest of each tag', async () => {
    const [one, other] = [parseTagName('old'), parseTagName('other')]
    const old = 3 * DAY_MS
    const rows = [
      entry(one, 1n, 9n, old),
      entry(one, 10n, 99n, DAY_MS),
      entry(one, 100n, 999n, old),
      entry(one, 500n, 999n, DAY_MS),
      entry(one, 1_000n, 9_999n, old),
      entry(other, 1n, 9n, old),
      entry(other, 10n, 99n, old),
    ]
    await rig().ledger('A').append(rows)
    await rig()
      .ledger('B')
      .append([entry(one, 5_000n, 9_999n, old)])
    await pruneAll(rig().ledger('C'), 2 * DAY_MS)
    const ids = [1n, 10n, 100n, 500n, 1_000n, 5_000n]
    const owners = await Promise.all(ids.map((id) => ownerOf(rig(), one, id)))
    expect(owners).toEqual([undefined, 'A', undefined, 'A', 'A', 'B'])
    expect(await ownerOf(rig(), other, 9n)).toBeUndefined()
    expect(await ownerOf(rig(), other, 99n)).toBe('A')
  })

  test('some hundreds at a time, until there are no more', async () => {
    const tag = parseTagName('heap')
    const rows = Array.from({ length: 1_001 }, (_, i) => entry(tag, BigInt(i + 1), BigInt(i + 1)))
    await rig().ledger('A').append(rows)
    await rig().age(3 * DAY_MS)
    await pruneAll(rig().ledger('A'), 2 * DAY_MS)
    const ids = [1n, 500n, 501n, 1_000n, 1_001n]
    const owners = await Promise.all(ids.map((id) => ownerOf(rig(), tag, id)))
    expect(owners).toEqual([undefined, undefined, undefined, undefined, 'A'])
    expect(
      await rig()
        .ledger('A')
        .prune(2 * DAY_MS),
    ).toBe(false)
  })
}

function entry(tag: string, first: bigint, last: bigint, ageMs = 0): LedgerEntry {
  return { tag: parseTagName(tag), range: { first, last }, ageMs }
}

async function ownerOf(rig: RestRig, tag: TagName | string, id: bigint) {
  return (await rig.ledger('anybody').find(parseTagName(tag), id))?.instance
}
