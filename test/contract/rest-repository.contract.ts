import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { IdRange } from '../../internal/domain/entity/id-range.ts'
import { MAX_ID, parseTagName, type Tag } from '../../internal/domain/entity/tag.ts'
import type { Rest, RestRepository } from '../../internal/domain/generator/rest-repository.ts'
import type { SegmentLease } from '../../internal/domain/generator/segment-repository.ts'
import { aTag } from '../support/a-tag.ts'
import { newTag } from '../support/new-tag.ts'
import type { OpenRestRig, RestRig } from '../support/rest-rig.ts'
import { pruneAll } from './prune-all.ts'

const DAY_MS = 86_400_000
/** Of two rows a day apart, this age tells which is the old one. */
const OLD_MS = DAY_MS - 1_000

/** What every `RestRepository` promises. */
export function restRepositoryContract(name: string, open: OpenRestRig): void {
  describe(`rest repository: ${name}`, () => {
    let rig: RestRig
    beforeAll(async () => {
      rig = await open()
    })
    afterAll(() => rig.close())

    takes(() => rig)
    looksAtGenerations(() => rig)
    isGivenBackAgain(() => rig)
    prunes(() => rig)
  })
}

function takes(rig: () => RestRig): void {
  test('what one gave back one other takes, whole', async () => {
    const tag = tagOf('one')
    await rig()
      .rests('A')
      .giveBack([restOf(tag, 51n, 100n)])
    expect(await take(rig().rests('B'), tag)).toEqual({ offset: 50n, maxId: 100n })
    for (const instance of ['A', 'B', 'C']) {
      expect(await take(rig().rests(instance), tag)).toBeUndefined()
    }
  })

  test('the lowest is taken first, by number and not by text', async () => {
    const tag = tagOf('lowest')
    const rests = [restOf(tag, 1_001n, 2_000n), restOf(tag, 90n, 100n), restOf(tag, 201n, 300n)]
    await rig().rests('A').giveBack(rests)
    expect(await takeAll(rig().rests('B'), tag)).toEqual([
      { offset: 89n, maxId: 100n },
      { offset: 200n, maxId: 300n },
      { offset: 1_000n, maxId: 2_000n },
    ])
  })

  test.each([
    [50n, 50n],
    [51n, undefined],
    [75n, undefined],
    [100n, undefined],
  ])('above %s the rest of 51 to 100 begins after %s', async (above, offset) => {
    const tag = tagOf(`above-${above}`)
    await rig()
      .rests('A')
      .giveBack([restOf(tag, 51n, 100n)])
    expect((await take(rig().rests('B'), tag, above))?.offset).toBe(offset)
  })

  test('a rest that begins too low does not hide the one behind it', async () => {
    const tag = tagOf('behind')
    await rig()
      .rests('A')
      .giveBack([restOf(tag, 51n, 100n), restOf(tag, 151n, 200n)])
    expect(await take(rig().rests('B'), tag, 60n)).toEqual({ offset: 150n, maxId: 200n })
  })

  test('two who take at once never get the same', async () => {
    const tag = tagOf('at-once')
    const rests = Array.from({ length: 40 }, (_, i) =>
      restOf(tag, BigInt(10 * i + 1), BigInt(10 * i + 9)),
    )
    await rig().rests('A').giveBack(rests)
    const takers = ['B', 'C', 'D', 'E'].map((name) => rig().rests(name))
    const taken = await Promise.all(
      takers.flatMap((rests) => Array.from({ length: 10 }, () => take(rests, tag))),
    )
    const leases = [...taken, ...(await takeAll(rig().rests('F'), tag))].filter((lease) => lease)
    expect(new Set(leases.map((lease) => lease?.maxId)).size).toBe(40)
    expect(leases).toHaveLength(40)
  })

  test('Order is not order', async () => {
    const [upper, lower] = [tagOf('Order'), tagOf('order')]
    await rig()
      .rests('A')
      .giveBack([restOf(upper, 51n, 100n)])
    expect(await take(rig().rests('B'), lower)).toBeUndefined()
    await rig()
      .rests('A')
      .giveBack([restOf(lower, 71n, 100n)])
    expect(await take(rig().rests('B'), lower)).toEqual({ offset: 70n, maxId: 100n })
    expect(await take(rig().rests('B'), upper)).toEqual({ offset: 50n, maxId: 100n })
  })

  test('the last ids there are go back and forth exactly', async () => {
    const tag = tagOf('end')
    await rig()
      .rests('A')
      .giveBack([restOf(tag, MAX_ID - 1n, MAX_ID)])
    expect(await take(rig().rests('B'), tag, MAX_ID)).toBeUndefined()
    expect(await take(rig().rests('B'), tag, MAX_ID - 2n)).toEqual({
      offset: MAX_ID - 2n,
      maxId: MAX_ID,
    })
  })

  test('more than one statement holds are given back at once, and so is nothing', async () => {
    const tag = tagOf('many')
    const rests = Array.from({ length: 1_001 }, (_, i) => restOf(tag, BigInt(i + 1), BigInt(i + 1)))
    await rig().rests('A').giveBack([])
    await rig().rests('A').giveBack(rests)
    expect(await rig().free(tag.name)).toEqual(rests.map(({ range }) => range))
  })
}

function looksAtGenerations(rig: () => RestRig): void {
  test.each([
    ['an older', -1n],
    ['a newer', 1n],
  ])('a rest of %s generation is nothing for the tag', async (_, distance) => {
    const tag = await rig().tags.create(newTag(`generation${distance}`))
    const generation = tag.generation + distance
    await rig()
      .rests('A')
      .giveBack([restOf({ ...tag, generation }, 51n, 100n)])
    expect(await take(rig().rests('B'), tag)).toBeUndefined()
    expect(await take(rig().rests('B'), { ...tag, generation })).toBeUndefined()
    expect(await rig().free(tag.name)).toEqual([{ first: 51n, last: 100n }])
  })

  test('a tag that has changed since it was read takes nothing', async () => {
    const before = await rig().tags.create(newTag('changed'))
    await rig()
      .rests('A')
      .giveBack([restOf(before, 51n, 100n)])
    const after = await rig().tags.raise(before.name, 1_000n)
    expect(after.generation).not.toBe(before.generation)
    expect(await take(rig().rests('B'), before)).toBeUndefined()
    expect(await take(rig().rests('B'), after)).toBeUndefined()
    await rig()
      .rests('A')
      .giveBack([restOf(after, 1_001n, 1_100n)])
    expect(await take(rig().rests('B'), after)).toEqual({ offset: 1_000n, maxId: 1_100n })
  })

  test('a rest of a tag that was deleted and created again is nothing for the new one', async () => {
    const before = await rig().tags.create(newTag('again', { maxId: 100n }))
    await rig()
      .rests('A')
      .giveBack([restOf(before, 51n, 100n)])
    await rig().tags.delete(before.name)
    const after = await rig().tags.create(newTag('again'))
    expect(await take(rig().rests('B'), before)).toBeUndefined()
    expect(await take(rig().rests('B'), after)).toBeUndefined()
  })
}

function isGivenBackAgain(rig: () => RestRig): void {
  test('who took a rest gives back what is left of it, and no more can be had', async () => {
    const tag = tagOf('shorter')
    await rig()
      .rests('A')
      .giveBack([restOf(tag, 51n, 100n)])
    await take(rig().rests('B'), tag)
    await rig()
      .rests('B')
      .giveBack([restOf(tag, 71n, 100n)])
    expect(await takeAll(rig().rests('C'), tag)).toEqual([{ offset: 70n, maxId: 100n }])
  })

  test('who gives back more than it took gives back what it took', async () => {
    const tag = tagOf('more')
    await rig()
      .rests('A')
      .giveBack([restOf(tag, 71n, 100n)])
    await take(rig().rests('B'), tag)
    await rig()
      .rests('B')
      .giveBack([restOf(tag, 51n, 100n)])
    expect(await rig().free(tag.name)).toEqual([{ first: 71n, last: 100n }])
  })

  test('its new generation counts', async () => {
    const before = await rig().tags.create(newTag('newer'))
    await rig()
      .rests('A')
      .giveBack([restOf(before, 51n, 100n)])
    await take(rig().rests('B'), before)
    const after = await rig().tags.freeze(before.name)
    await rig()
      .rests('B')
      .giveBack([restOf(after, 71n, 100n)])
    expect(await take(rig().rests('C'), before)).toBeUndefined()
    expect(await take(rig().rests('C'), after)).toEqual({ offset: 70n, maxId: 100n })
  })

  test('what is given back once more after somebody took it stays his', async () => {
    const tag = tagOf('replayed')
    const [a, b, c] = ['A', 'B', 'C'].map((name) => rig().rests(name))
    const [whole, shorter] = [restOf(tag, 51n, 100n), restOf(tag, 71n, 100n)]
    const expectFree = async (...ranges: IdRange[]) => {
      await a?.giveBack([whole])
      expect(await rig().free(tag.name)).toEqual(ranges)
    }
    await expectFree(whole.range)
    await b?.take(tag, 0n, soon())
    await expectFree()
    await b?.giveBack([shorter])
    await expectFree(shorter.range)
    await c?.take(tag, 0n, soon())
    await b?.giveBack([shorter])
    await expectFree()
    await c?.giveBack([restOf(tag, 91n, 100n)])
    await b?.giveBack([shorter])
    await expectFree({ first: 91n, last: 100n })
  })
}

function prunes(rig: () => RestRig): void {
  test('what was given back long ago is removed, taken or not, and nothing else', async () => {
    const tag = tagOf('old')
    const [a, b] = [rig().rests('A'), rig().rests('B')]
    await a.giveBack([restOf(tag, 51n, 100n), restOf(tag, 151n, 200n), restOf(tag, 251n, 300n)])
    await take(b, tag)
    await take(b, tag)
    await rig().age(DAY_MS)
    await b.giveBack([restOf(tag, 191n, 200n)])
    await pruneAll(a, OLD_MS)
    expect(await rig().free(tag.name)).toEqual([{ first: 191n, last: 200n }])
    // Nobody holds the place of the first one any more.
    await rig()
      .rests('C')
      .giveBack([restOf(tag, 91n, 100n)])
    expect(await rig().free(tag.name)).toHaveLength(2)
  })

  test('what was taken lately keeps its mark', async () => {
    const tag = tagOf('marked')
    await rig()
      .rests('A')
      .giveBack([restOf(tag, 51n, 100n)])
    await rig().age(DAY_MS)
    const young = [restOf(tag, 151n, 200n)]
    await rig().rests('A').giveBack(young)
    expect(await take(rig().rests('B'), tag, 100n)).toBeDefined()
    await pruneAll(rig().rests('A'), OLD_MS)
    await rig().rests('A').giveBack(young)
    expect(await rig().free(tag.name)).toEqual([])
  })

  test('some hundreds at a time, until there are no more', async () => {
    const tag = tagOf('heap')
    const rests = Array.from({ length: 1_001 }, (_, i) => restOf(tag, BigInt(i + 1), BigInt(i + 1)))
    await rig().rests('A').giveBack(rests)
    await rig().age(DAY_MS)
    await pruneAll(rig().rests('A'), OLD_MS)
    expect(await rig().free(tag.name)).toEqual([])
    expect(await rig().rests('A').prune(DAY_MS)).toBe(false)
  })
}

/** A tag that nobody has changed yet. */
function tagOf(name: string): Tag {
  return aTag({ name: parseTagName(name) })
}

function restOf({ name, generation }: Tag, first: bigint, last: bigint): Rest {
  return { tag: name, range: { first, last }, generation }
}

function take(rests: RestRepository, tag: Tag, above = 0n) {
  return rests.take(tag, above, soon())
}

/** Ends also if there is no end to what can be taken. */
async function takeAll(rests: RestRepository, tag: Tag) {
  const taken: SegmentLease[] = []
  while (taken.length < 100) {
    const rest = await take(rests, tag)
    if (rest === undefined) break
    taken.push(rest)
  }
  return taken
}

function soon(): AbortSignal {
  return AbortSignal.timeout(5_000)
}
