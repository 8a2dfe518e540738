import { describe, expect, test } from '@jest/globals'
import { ClientRig, TAG } from '../../test/support/client-rig.ts'
import { settled } from '../../test/support/manual-clock.ts'
import { type Attempt, ScriptedTransport } from '../../test/support/scripted-transport.ts'
import { Answer } from '../../test/support/test-caller.ts'
import { SystemClock } from '../clock/system-clock.ts'
import { ERROR_CODES, UNAVAILABLE_CODES } from '../errors/error-code.ts'
import { clockMovedBackwards, deadlineExceeded, storeUnavailable } from '../errors/failures.ts'
import { GolovesError } from '../errors/goloves-error.ts'
import { Route } from './route.ts'
import { Service } from './service.ts'

const REFUSED = new Error('connect ECONNREFUSED')

/** Two ways to the first instance, one to the second. */
const TWO_INSTANCES = [2, 1]

function refuse(attempt: Attempt): void {
  attempt.fail(REFUSED)
}

function answer(attempt: Attempt): void {
  attempt.succeed(7n)
}

test('the first way answers, and nobody else is asked', async () => {
  const rig = new ClientRig(TWO_INSTANCES)
  rig.transport(0).always = answer
  expect(await rig.ask(5)).toMatchObject({ is: 7n })
  expect(rig.asked).toEqual([[5], [], []])
  expect(rig.clock.pending).toBe(0)
})

describe('where nothing is heard', () => {
  test('each way is asked in turn, and the next question goes to the one that answered', async () => {
    const rig = new ClientRig(TWO_INSTANCES)
    rig.transport(0).always = refuse
    rig.transport(1).always = refuse
    rig.transport(2).always = answer
    expect(await rig.ask()).toMatchObject({ is: 7n })
    expect(await rig.ask()).toMatchObject({ is: 7n })
    expect(rig.asked).toEqual([[1], [1], [1, 1]])
  })

  test('an attempt takes half of the time that is left, and the last one all of it', async () => {
    const rig = new ClientRig(TWO_INSTANCES)
    const id = await rig.ask()
    await rig.clock.advance(750)
    expect(rig.transports.map(({ attempts }) => attempts[0]?.limitMs)).toEqual([500, 250, 250])
    expect(id.is).toBe('waits')
    await rig.clock.advance(250)
    expect(id.is).toBe('DEADLINE_EXCEEDED')
    expect(rig.clock.pending).toBe(0)
  })

  test('what is answered too late is dropped', async () => {
    const rig = new ClientRig([2])
    const id = await rig.ask()
    const [first] = rig.transport(0).open
    await rig.clock.advance(500)
    first?.succeed(1n)
    await settled()
    expect(id.is).toBe('waits')
    rig.transport(1).open[0]?.succeed(2n)
    first?.fail(new GolovesError('INTERNAL', 'Later still.'))
    await settled()
    expect(id.is).toBe(2n)
  })

  test('the question waits for one who answers, at most until its deadline', async () => {
    const rig = new ClientRig(TWO_INSTANCES)
    for (const transport of rig.transports) transport.always = refuse
    const id = await rig.ask()
    await rig.clock.advance(999)
    expect(id.is).toBe('waits')
    await rig.clock.advance(1)
    expect(id.is).toBe('STORE_UNAVAILABLE')
    expect(rig.asked).toEqual([[1], [1], [1]])
  })

  test('it is answered once somebody is there again', async () => {
    const rig = new ClientRig(TWO_INSTANCES)
    for (const transport of rig.transports) transport.always = refuse
    const id = await rig.ask()
    await rig.clock.advance(300)
    rig.transport(2).always = answer
    await rig.clock.advance(600)
    expect(id.is).toBe(7n)
  })
})

describe('an instance that is unavailable', () => {
  test.each([...UNAVAILABLE_CODES])('with %s is left for the other one', async (code) => {
    const rig = new ClientRig(TWO_INSTANCES)
    rig.transport(0).always = (attempt) => attempt.fail(new GolovesError(code, 'Not now.'))
    rig.transport(2).always = answer
    expect(await rig.ask()).toMatchObject({ is: 7n })
    expect(rig.asked).toEqual([[1], [], [1]])
  })

  test('is asked again after a pause, and first by the next question', async () => {
    const rig = new ClientRig([1])
    const [transport] = rig.transports
    const id = await rig.ask()
    transport?.open[0]?.fail(storeUnavailable(200))
    await rig.clock.advance(199)
    expect(transport?.open).toEqual([])
    await rig.clock.advance(1)
    transport?.open[0]?.succeed(7n)
    await settled()
    expect(id.is).toBe(7n)
    await rig.ask()
    expect(transport?.open).toHaveLength(1)
  })

  test('for longer than the question can wait is the answer', async () => {
    const rig = new ClientRig([1, 1])
    rig.transport(0).always = (attempt) => attempt.fail(storeUnavailable(5000))
    rig.transport(1).always = (attempt) => attempt.fail(clockMovedBackwards(2000))
    expect(await rig.ask()).toMatchObject({ is: 'CLOCK_MOVED_BACKWARDS' })
  })

  test('to the end is what the caller is told', async () => {
    const rig = new ClientRig([1])
    rig.transport(0).always = (attempt) => attempt.fail(storeUnavailable(100))
    const id = await rig.ask()
    await rig.clock.advance(1000)
    expect(id.is).toBe('STORE_UNAVAILABLE')
    expect(rig.asked[0]?.length).toBeGreaterThan(3)
    expect(rig.asked[0]?.length).toBeLessThan(11)
  })
})

describe('any other refusal', () => {
  const FINAL = ERROR_CODES.filter((code) => !UNAVAILABLE_CODES.has(code))

  test.each(FINAL)('such as %s is the answer', async (code) => {
    const rig = new ClientRig([1])
    rig.transport(0).always = (attempt) => attempt.fail(new GolovesError(code, 'No.'))
    expect(await rig.ask()).toMatchObject({ is: code })
    expect(rig.asked).toEqual([[1]])
    expect(rig.clock.pending).toBe(0)
  })

  test('is not asked for elsewhere', async () => {
    const rig = new ClientRig(TWO_INSTANCES)
    rig.transport(0).always = (attempt) => attempt.fail(new GolovesError('TAG_EXHAUSTED', 'No.'))
    expect(await rig.ask()).toMatchObject({ is: 'TAG_EXHAUSTED' })
    expect(rig.asked).toEqual([[1], [], []])
  })

  test('is not believed if it is that half of the time is too short', async () => {
    const rig = new ClientRig([2])
    rig.transport(0).always = (attempt) => attempt.fail(deadlineExceeded())
    rig.transport(1).always = answer
    expect(await rig.ask()).toMatchObject({ is: 7n })
    expect(rig.asked).toEqual([[1], [1]])
  })
})

describe('as many ids as one call gives', () => {
  async function upTo(rig: ClientRig, count: number): Promise<bigint | string> {
    const question = rig.service.question()
    const counted = new Answer<bigint>(async () => {
      const [range] = await rig.service.nextIdsUpTo(TAG, count, question)
      return range === undefined ? 0n : range.last - range.first + 1n
    })
    await settled()
    return counted.is
  }

  /** Refuses more than `most` ids. */
  function giving(most: number, code: 'COUNT_OUT_OF_RANGE' | 'TAG_EXHAUSTED'): ClientRig {
    const rig = new ClientRig([1])
    rig.transport(0).always = (attempt) =>
      attempt.count > most ? attempt.fail(new GolovesError(code, 'No.')) : attempt.succeed()
    return rig
  }

  test('are half as many again and again, which is remembered where all calls are limited', async () => {
    const rig = giving(300, 'COUNT_OUT_OF_RANGE')
    expect(await upTo(rig, 1000)).toBe(250n)
    expect(await upTo(rig, 750)).toBe(250n)
    expect(await upTo(rig, 10)).toBe(10n)
    expect(rig.asked).toEqual([[1000, 500, 250, 250, 10]])
  })

  test('are the last ones of a tag, down to one by one', async () => {
    const rig = giving(1, 'TAG_EXHAUSTED')
    expect(await upTo(rig, 5)).toBe(1n)
    expect(await upTo(rig, 4)).toBe(1n)
    expect(rig.asked).toEqual([[5, 3, 2, 1, 4, 2, 1]])
  })

  test('are none where one is too many', async () => {
    expect(await upTo(giving(0, 'TAG_EXHAUSTED'), 4)).toBe('TAG_EXHAUSTED')
    expect(await upTo(giving(0, 'COUNT_OUT_OF_RANGE'), 4)).toBe('COUNT_OUT_OF_RANGE')
  })
})

describe('a client that is closed', () => {
  test('tells so whoever waits for an answer, for a pause to end, or asks later', async () => {
    const rig = new ClientRig([1])
    const attempted = await rig.ask()
    const paused = await rig.ask()
    rig.transport(0).open[1]?.fail(storeUnavailable(200))
    await settled()
    rig.service.close()
    await settled()
    expect([attempted.is, paused.is]).toEqual(['SHUTTING_DOWN', 'SHUTTING_DOWN'])
    expect(await rig.ask()).toMatchObject({ is: 'SHUTTING_DOWN' })
    expect(rig.transport(0)).toMatchObject({ open: [], isClosed: true })
    expect(rig.clock.pending).toBe(0)
  })
})

test('there is a limit to the questions under way', async () => {
  const [transport, clock] = [new ScriptedTransport(), new SystemClock()]
  const route = new Route({ transport, clock, random: () => 0.5 })
  const parts = { clock, random: () => 0.5, deadlineMs: 60_000 }
  const service = new Service({ instances: [[route]], ...parts })
  const outcomes = Array.from({ length: 100_001 }, () =>
    service.nextIds(TAG, 1, service.question()).catch(({ code }: GolovesError) => code),
  )
  expect(await outcomes.at(-1)).toBe('OVERLOADED')
  service.close()
  expect(new Set((await Promise.all(outcomes)).slice(0, -1))).toEqual(new Set(['SHUTTING_DOWN']))
})
