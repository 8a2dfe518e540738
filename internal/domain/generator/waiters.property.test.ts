import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { deadlineExceeded, shuttingDown } from '../../../pkg/errors/failures.ts'
import { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import { ManualClock, settled } from '../../../test/support/manual-clock.ts'
import { TestCaller } from '../../../test/support/test-caller.ts'
import { Waiters } from './waiters.ts'

const ROOMY = { callersMax: 100, idsMax: 1_000 }

/** So many ids to give away, and what says how far they went. */
class Offers {
  left: number

  constructor(ids: number) {
    this.left = ids
  }

  readonly take = (count: number): string | undefined => {
    if (count > this.left) return undefined
    this.left -= count
    return `${count} ids, ${this.left} left`
  }
}

type Step =
  | { readonly do: 'enter'; readonly count: number; readonly patienceMs: number }
  | { readonly do: 'serve'; readonly ids: number }
  | { readonly do: 'leave'; readonly who: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'refuse' }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('enter'), count: fc.integer({ min: 1, max: 5 }), patienceMs: ms() }),
  fc.record({ do: fc.constant('serve'), ids: fc.nat({ max: 12 }) }),
  fc.record({ do: fc.constant('leave'), who: fc.nat({ max: 40 }) }),
  fc.record({ do: fc.constant('wait'), ms: ms() }),
  fc.record({ do: fc.constant('refuse') }),
)

function ms(): fc.Arbitrary<number> {
  return fc.nat({ max: 20 })
}

/**
 * A room and, beside it, a plain list of who should be waiting and what they should have been told.
 */
class ModelledRoom {
  readonly clock = new ManualClock()
  readonly waiters = new Waiters<string>(this.clock, ROOMY, deadlineExceeded)
  readonly outcomes: string[] = []
  readonly expected: string[] = []
  readonly #callers: TestCaller[] = []
  #queue: { name: string; count: number; caller: TestCaller }[] = []

  async run(step: Step): Promise<void> {
    if (step.do === 'enter') this.#enter(step.count, step.patienceMs)
    else if (step.do === 'serve') this.#serve(step.ids)
    else if (step.do === 'leave') this.#leave(this.#callers[step.who])
    else if (step.do === 'wait') await this.#wait(step.ms)
    else this.refuse()
    expect(this.waiters.callers).toBe(this.#queue.length)
    expect(this.waiters.ids).toBe(this.#queue.reduce((sum, { count }) => sum + count, 0))
    expect(this.clock.pending).toBe(this.#queue.length)
  }

  refuse(): void {
    this.waiters.refuseAll(shuttingDown(1))
    this.#end('SHUTTING_DOWN', () => true)
  }

  #enter(count: number, patienceMs: number): void {
    const caller = new TestCaller(this.clock, patienceMs)
    const name = `caller ${this.#callers.length}`
    this.waiters.add(count, caller).then(
      (value) => this.outcomes.push(`${name}: ${value}`),
      (error: unknown) => this.outcomes.push(`${name}: ${GolovesError.from(error).code}`),
    )
    this.#callers.push(caller)
    this.#queue.push({ name, count, caller })
  }

  #serve(ids: number): void {
    const offers = new Offers(ids)
    this.waiters.serve(offers.take, () => offers.left === 0)
    const expected = new Offers(ids)
    this.#queue = this.#queue.filter(({ name, count }) => {
      const value = expected.take(count)
      if (value !== undefined) this.expected.push(`${name}: ${value}`)
      return value === undefined
    })
    expect(offers.left).toBe(expected.left)
  }

  #leave(gone: TestCaller | undefined): void {
    gone?.leave()
    this.#end('DEADLINE_EXCEEDED', ({ caller }) => caller === gone)
  }

  async #wait(ms: number): Promise<void> {
    await this.clock.advance(ms)
    const nowMs = this.clock.monotonicMs()
    this.#end('DEADLINE_EXCEEDED', ({ caller }) => caller.deadlineMs <= nowMs)
  }

  #end(code: string, isOver: (waiter: { caller: TestCaller }) => boolean): void {
    this.expected.push(...this.#queue.filter(isOver).map(({ name }) => `${name}: ${code}`))
    this.#queue = this.#queue.filter((waiter) => !isOver(waiter))
  }
}

test('in any mixture everyone is told one thing, and no id goes to who is gone', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const modelled = new ModelledRoom()
      for (const step of steps) await modelled.run(step)
      modelled.refuse()
      await settled()
      expect(modelled.outcomes.toSorted()).toEqual(modelled.expected.toSorted())
      expect(modelled.clock.pending).toBe(0)
    }),
  )
})
