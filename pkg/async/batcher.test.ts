import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { ManualClock, settled } from '../../test/support/manual-clock.ts'
import { Batcher } from './batcher.ts'

/** A batcher whose batches end when the test says so. Each answer is the question and its batch. */
class Desk {
  /** The questions of each batch, in the order in which they began. */
  readonly batches: (readonly string[])[] = []
  /** What became of each question, in the order in which they were asked. */
  readonly outcomes: string[] = []
  /** How many batches had begun when each was asked. */
  readonly begunAtAsking: number[] = []
  mostUnderWay = 0
  readonly #underWay: PromiseWithResolvers<void>[] = []
  readonly #batcher: Batcher<string, string>

  constructor(batchesMax: number, sizeMax: number) {
    const askAll = (keys: readonly string[]) => this.#askAll(keys)
    this.#batcher = new Batcher({ askAll, batchesMax, sizeMax, clock: new ManualClock() })
  }

  ask(...keys: readonly string[]): void {
    for (const key of keys) {
      const place = this.outcomes.push('waits') - 1
      this.begunAtAsking.push(this.batches.length)
      this.#batcher.ask(key).then(
        (value) => {
          this.outcomes[place] = value ?? 'nothing'
        },
        (fault: unknown) => {
          this.outcomes[place] = String(fault)
        },
      )
    }
  }

  /** Ends one of those under way, if there is one. */
  async end(which = 0, fault?: string): Promise<void> {
    const [batch] = this.#underWay.splice(which % (this.#underWay.length || 1), 1)
    if (fault === undefined) batch?.resolve()
    else batch?.reject(fault)
    await settled()
  }

  async #askAll(keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const number = this.batches.push(keys)
    const end = Promise.withResolvers<void>()
    this.#underWay.push(end)
    this.mostUnderWay = Math.max(this.mostUnderWay, this.#underWay.length)
    await end.promise
    return new Map(keys.filter((key) => key !== 'unknown').map((key) => [key, `${key} ${number}`]))
  }
}

describe('questions', () => {
  test('of one turn go together, those that come meanwhile go together into the next batch', async () => {
    const desk = new Desk(1, 10)
    desk.ask('a', 'b')
    await settled()
    desk.ask('c')
    await settled()
    desk.ask('d')
    await desk.end()
    expect(desk.batches).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ])
    expect(desk.outcomes).toEqual(['a 1', 'b 1', 'waits', 'waits'])
  })

  // What is being answered may be older than the question.
  test('that are being answered already are asked again', async () => {
    const desk = new Desk(1, 10)
    desk.ask('a')
    await settled()
    desk.ask('a')
    await desk.end()
    await desk.end()
    expect(desk.outcomes).toEqual(['a 1', 'a 2'])
  })

  test('wait for nobody while fewer batches than there may be are under way', async () => {
    const desk = new Desk(2, 10)
    for (const key of ['a', 'b', 'c']) {
      desk.ask(key)
      await settled()
    }
    expect(desk.batches).toEqual([['a'], ['b']])
  })

  test('beyond the size of a batch go into the next one, in their order', async () => {
    const desk = new Desk(2, 2)
    desk.ask('a', 'b', 'c', 'd', 'e')
    await settled()
    expect(desk.batches).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ])
    await desk.end()
    expect(desk.batches[2]).toEqual(['e'])
  })

  test('to which there is no answer are answered so', async () => {
    const desk = new Desk(1, 10)
    desk.ask('unknown')
    await settled()
    await desk.end()
    expect(desk.outcomes).toEqual(['nothing'])
  })

  test('fail with their batch, and with no other', async () => {
    const desk = new Desk(1, 10)
    desk.ask('a', 'b')
    await settled()
    desk.ask('c')
    await desk.end(0, 'broken')
    await desk.end()
    expect(desk.outcomes).toEqual(['broken', 'broken', 'c 2'])
  })
})

test('in any mixture all are answered by batches that began later, within the limits', async () => {
  const step = fc.oneof(
    fc.record({ ask: fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 5 }) }),
    fc.record({ end: fc.nat({ max: 5 }), fault: fc.option(fc.constant('broken')) }),
  )
  const limits = {
    batchesMax: fc.integer({ min: 1, max: 3 }),
    sizeMax: fc.integer({ min: 1, max: 4 }),
  }
  await fc.assert(
    fc.asyncProperty(fc.array(step), fc.record(limits), async (steps, { batchesMax, sizeMax }) => {
      const desk = new Desk(batchesMax, sizeMax)
      for (const one of steps) {
        if ('ask' in one) desk.ask(...one.ask)
        else await desk.end(one.end, one.fault ?? undefined)
      }
      await settled()
      for (const _ of desk.outcomes) await desk.end()
      for (const [place, outcome] of desk.outcomes.entries()) {
        const batch = Number(/\d+$/.exec(outcome)?.[0] ?? Number.POSITIVE_INFINITY)
        expect(batch).toBeGreaterThan(desk.begunAtAsking[place] ?? 0)
      }
      expect(desk.outcomes).not.toContain('waits')
      expect(desk.batches.flat()).toHaveLength(desk.outcomes.length)
      expect(desk.mostUnderWay).toBeLessThanOrEqual(batchesMax)
      for (const { length } of desk.batches) expect(length).toBeLessThanOrEqual(sizeMax)
    }),
  )
})
