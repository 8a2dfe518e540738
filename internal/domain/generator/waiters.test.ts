import { describe, expect, test } from '@jest/globals'
import { Clock } from '../../../pkg/clock/clock.ts'
import { deadlineExceeded, shuttingDown } from '../../../pkg/errors/failures.ts'
import { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import { ManualClock, settled } from '../../../test/support/manual-clock.ts'
import { TestCaller } from '../../../test/support/test-caller.ts'
import type { Caller } from './caller.ts'
import { Waiters, type WaitingLimits } from './waiters.ts'

const ROOMY: WaitingLimits = { callersMax: 100, idsMax: 1_000 }

/** A place to wait at, and what became of everyone who did: a value or an error code, in order. */
class WaitingRoom {
  readonly outcomes: string[] = []
  readonly waiters: Waiters<string>
  readonly #clock: Clock

  constructor(limits: WaitingLimits, clock: Clock) {
    this.#clock = clock
    this.waiters = new Waiters(clock, limits, deadlineExceeded)
  }

  enter(name: string, count = 1, caller: Caller = new TestCaller(this.#clock)): void {
    this.waiters.add(count, caller).then(
      (value) => this.outcomes.push(`${name}: ${value}`),
      (error: unknown) => this.outcomes.push(`${name}: ${GolovesError.from(error).code}`),
    )
  }

  /** Serves from `ids` ids; who gets some is told how many. */
  serve(ids: number): number {
    let left = ids
    this.waiters.serve(
      (count) => {
        if (count > left) return undefined
        left -= count
        return `${count} ids`
      },
      () => left === 0,
    )
    return left
  }
}

describe('serve', () => {
  test('serves in the order in which callers came', async () => {
    const clock = new ManualClock()
    const room = new WaitingRoom(ROOMY, clock)
    room.enter('first', 3)
    room.enter('second', 1)
    room.enter('third', 2)
    expect(room.waiters).toMatchObject({ callers: 3, ids: 6 })
    expect(room.serve(10)).toBe(4)
    expect(room.waiters).toMatchObject({ callers: 0, ids: 0 })
    await settled()
    expect(room.outcomes).toEqual(['first: 3 ids', 'second: 1 ids', 'third: 2 ids'])
    expect(clock.pending).toBe(0)
  })

  test('who wants more than there is keeps its place and holds up nobody', async () => {
    const clock = new ManualClock()
    const room = new WaitingRoom(ROOMY, clock)
    room.enter('big', 5)
    room.enter('small', 1)
    expect(room.serve(3)).toBe(2)
    room.enter('late', 5)
    expect(room.serve(5)).toBe(0)
    await settled()
    expect(room.outcomes).toEqual(['small: 1 ids', 'big: 5 ids'])
    expect(room.waiters).toMatchObject({ callers: 1, ids: 5 })
  })

  test('makes no offer once there is nothing left', () => {
    const clock = new ManualClock()
    const room = new WaitingRoom(ROOMY, clock)
    for (const name of ['a', 'b', 'c']) room.enter(name)
    let offers = 0
    const isDry = () => offers === 1
    room.waiters.serve(() => {
      offers += 1
      return 'ids'
    }, isDry)
    expect(offers).toBe(1)
    expect(room.waiters.callers).toBe(2)
    room.serve(2)
  })
})

describe('the deadline', () => {
  test('dismisses its own caller and no other', async () => {
    const clock = new ManualClock()
    const room = new WaitingRoom(ROOMY, clock)
    room.enter('short', 2, new TestCaller(clock, 100))
    room.enter('long', 3, new TestCaller(clock, 200))
    await clock.advance(99)
    expect(room.outcomes).toEqual([])
    await clock.advance(1)
    expect(room.outcomes).toEqual(['short: DEADLINE_EXCEEDED'])
    expect(room.waiters).toMatchObject({ callers: 1, ids: 3 })
    expect(room.serve(10)).toBe(7)
    await settled()
    expect(room.outcomes).toEqual(['short: DEADLINE_EXCEEDED', 'long: 3 ids'])
  })

  test('counts from the time of the call, not from the start of the clock', async () => {
    const clock = new ManualClock()
    const room = new WaitingRoom(ROOMY, clock)
    await clock.advance(500)
    room.enter('late', 1, new TestCaller(clock, 100))
    await clock.advance(99)
    expect(room.outcomes).toEqual([])
    await clock.advance(1)
    expect(room.outcomes).toEqual(['late: DEADLINE_EXCEEDED'])
  })

  test('that has passed already still leaves this turn to be served in', async () => {
    const clock = new ManualClock()
    const room = new WaitingRoom(ROOMY, clock)
    await clock.advance(500)
    room.enter('served', 1, new TestCaller(clock, -100))
    room.serve(1)
    room.enter('not served', 1, new TestCaller(clock, -100))
    await clock.advance(0)
    expect(room.outcomes).toEqual(['served: 1 ids', 'not served: DEADLINE_EXCEEDED'])
  })

  test('asks for the reason when it comes, not before', async () => {
    const clock = new ManualClock()
    let error = deadlineExceeded()
    const waiters = new Waiters<string>(clock, ROOMY, () => error)
    const refused = expect(waiters.add(1, new TestCaller(clock, 100))).rejects.toMatchObject({
      code: 'SHUTTING_DOWN',
    })
    error = shuttingDown(1)
    await clock.advance(100)
    await refused
  })
})

describe('the limits', () => {
  test.each([
    ['callers', { callersMax: 2, idsMax: 1_000 }, 1],
    ['ids', { callersMax: 100, idsMax: 10 }, 5],
  ])('of %s refuse whoever comes beyond them, and let in again', async (_, limits, count) => {
    const clock = new ManualClock()
    const room = new WaitingRoom(limits, clock)
    room.enter('first', count)
    room.enter('second', count)
    expect(() => room.enter('third', 1)).toThrow(
      expect.objectContaining({ code: 'OVERLOADED', retryAfterMs: 1_000 }),
    )
    expect(room.waiters).toMatchObject({ callers: 2, ids: 2 * count })
    expect(clock.pending).toBe(2)
    room.serve(count)
    room.enter('third', 1)
    room.serve(count + 1)
    await settled()
    expect(room.outcomes).toHaveLength(3)
  })
})

test('refuseAll tells everyone, in order, and frees all places', async () => {
  const clock = new ManualClock()
  const room = new WaitingRoom({ callersMax: 2, idsMax: 10 }, clock)
  room.enter('first', 5)
  room.enter('second', 5)
  room.waiters.refuseAll(shuttingDown(1))
  expect(room.waiters).toMatchObject({ callers: 0, ids: 0 })
  expect(clock.pending).toBe(0)
  room.enter('next', 10)
  room.serve(10)
  await settled()
  expect(room.outcomes).toEqual(['first: SHUTTING_DOWN', 'second: SHUTTING_DOWN', 'next: 10 ids'])
})

describe('a caller that goes away', () => {
  test('takes nothing and frees its place at once', async () => {
    const clock = new ManualClock()
    const room = new WaitingRoom(ROOMY, clock)
    const caller = new TestCaller(clock)
    room.enter('gone', 4, caller)
    caller.leave()
    expect(room.waiters).toMatchObject({ callers: 0, ids: 0 })
    expect(clock.pending).toBe(0)
    expect(room.serve(4)).toBe(4)
    await settled()
    expect(room.outcomes).toEqual(['gone: DEADLINE_EXCEEDED'])
  })
})

/** A clock whose timers all go off when the test says so, in the middle of its turn. */
class AlarmClock extends Clock {
  readonly #wakes = new Set<() => void>()

  override nowMs(): number {
    return 0
  }

  override monotonicMs(): number {
    return 0
  }

  override after(_ms: number, wake: () => void): () => void {
    this.#wakes.add(wake)
    return () => this.#wakes.delete(wake)
  }

  get pending(): number {
    return this.#wakes.size
  }

  ring(): void {
    for (const wake of this.#wakes) {
      this.#wakes.delete(wake)
      wake()
    }
  }
}

describe('whatever comes in one turn, only the first counts', () => {
  const outcomes = {
    served: 'it: 2 ids',
    late: 'it: DEADLINE_EXCEEDED',
    left: 'it: DEADLINE_EXCEEDED',
    refused: 'it: SHUTTING_DOWN',
  }
  const endings = ['served', 'late', 'left', 'refused'] as const
  const orders = endings.flatMap((first) => endings.map((second) => [first, second] as const))

  test.each(orders)('%s, then %s', async (first, second) => {
    const clock = new AlarmClock()
    const room = new WaitingRoom(ROOMY, clock)
    const caller = new TestCaller(clock)
    room.enter('it', 2, caller)
    let left = 2
    const end = {
      served: () => {
        left = room.serve(left)
      },
      late: () => clock.ring(),
      left: () => caller.leave(),
      refused: () => room.waiters.refuseAll(shuttingDown(1)),
    }
    end[first]()
    end[second]()
    await settled()
    expect(room.outcomes).toEqual([outcomes[first]])
    expect(left).toBe(first === 'served' ? 0 : 2)
    expect(room.waiters).toMatchObject({ callers: 0, ids: 0 })
    expect(clock.pending).toBe(0)
  })
})
