import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Clock } from '../../../pkg/clock/clock.ts'
import { SystemClock } from '../../../pkg/clock/system-clock.ts'
import { deadlineExceeded } from '../../../pkg/errors/failures.ts'
import { KNOWN_TAG } from '../../../test/contract/error-cases.ts'
import { refusal } from '../../../test/support/grpc-client.ts'
import { clock, eventually, type GrpcRig, grpcRig } from '../../../test/support/grpc-rig.ts'
import { ManualClock, settled } from '../../../test/support/manual-clock.ts'
import type { Caller } from '../../domain/generator/caller.ts'
import { Waiters } from '../../domain/generator/waiters.ts'

describe('a caller that has to wait', () => {
  let ids: DryIds
  let rig: GrpcRig
  beforeEach(async () => {
    ids = new DryIds(clock)
    rig = await grpcRig({ nextId: { execute: (_, caller) => ids.next(caller) } })
  })
  afterEach(() => rig.stop())

  const nextId = (timeoutMs: number) =>
    rig.client.start('goloves.v1.IdService/NextId', { tag: KNOWN_TAG }, timeoutMs)

  test('takes no id once it has cancelled', async () => {
    const impatient = nextId(10_000)
    await eventually(() => ids.callers === 1)
    const patient = nextId(10_000)
    await eventually(() => ids.callers === 2)
    impatient.cancel()
    expect(await refusal(impatient.reply)).toMatchObject({ status: 'CANCELLED' })
    await eventually(() => ids.callers === 1)
    ids.refill(1n)
    expect(await patient.reply).toEqual({ id: '1' })
  })

  test('is not said to leave once it was answered', async () => {
    const waiting = nextId(10_000)
    await eventually(() => ids.callers === 1)
    ids.refill(1n)
    await waiting.reply
    await settled()
    expect(ids.departures).toBe(0)
  })

  test.each([
    ['the default if it names no deadline', Number.POSITIVE_INFINITY, 4_950],
    ['the maximum if it names a later one', 3_600_000, 29_950],
    ['a little less than it has', 10_000, 9_950],
  ])('waits at most %s', async (_, timeoutMs, mostMs) => {
    const waiting = nextId(timeoutMs)
    await eventually(() => ids.callers === 1)
    ids.refill(1n)
    await waiting.reply
    expect(ids.lastPatienceMs).toBeLessThanOrEqual(mostMs)
    expect(ids.lastPatienceMs).toBeGreaterThan(mostMs - 2_000)
  })
})

test('a caller is answered in our words at its own deadline, and nobody else is', async () => {
  const clock = new ManualClock(Date.now())
  const ids = new DryIds(clock)
  const rig = await grpcRig({ nextId: { execute: (_, caller) => ids.next(caller) } }, { clock })
  const [short, long] = [10_000, 20_000].map((timeoutMs) =>
    rig.client.ask('goloves.v1.IdService/NextId', { tag: KNOWN_TAG }, timeoutMs),
  )
  await eventually(() => ids.callers === 2)
  await clock.advance(9_000)
  expect(ids.callers).toBe(2)
  await clock.advance(2_000)
  expect(ids.callers).toBe(1)
  ids.refill(1n)
  const answer = await refusal(Promise.resolve(short))
  expect(answer.details).toMatchObject([{ value: { reason: 'DEADLINE_EXCEEDED' } }])
  expect(await long).toEqual({ id: '1' })
  await rig.stop()
})

test('a caller that left during one wait is not waited for in the next', async () => {
  const ids = new DryIds(clock)
  let left = false
  let goOn: (() => void) | undefined
  const rig = await grpcRig({
    nextId: {
      execute: async (_, caller) => {
        caller.onLeave(() => {
          left = true
        })
        await new Promise<void>((resolve) => {
          goOn = resolve
        })
        return await ids.next(caller)
      },
    },
  })
  const call = rig.client.start('goloves.v1.IdService/NextId', { tag: KNOWN_TAG })
  const ended = refusal(call.reply)
  await eventually(() => goOn !== undefined)
  call.cancel()
  await ended
  await eventually(() => left)
  goOn?.()
  await eventually(() => ids.departures === 1)
  await rig.stop()
  expect(ids.callers).toBe(0)
})

test('a caller whose deadline has passed before it is looked at takes no id', async () => {
  class ClockAhead extends SystemClock {
    override nowMs(): number {
      return super.nowMs() + 60_000
    }
  }
  let taken = 0
  const execute = () => {
    taken += 1
    return []
  }
  const rig = await grpcRig({ nextIds: { execute } }, { clock: new ClockAhead() })
  const question = { tag: KNOWN_TAG, count: 1 }
  const answer = await refusal(rig.client.ask('goloves.v1.IdService/NextIds', question))
  const stream = rig.client.stream()
  stream.end(question)
  const [streamed] = await once(stream, 'data')
  await rig.stop()
  expect(answer.details).toMatchObject([{ value: { reason: 'DEADLINE_EXCEEDED' } }])
  expect(streamed).toMatchObject({ error: { code: 'DEADLINE_EXCEEDED' } })
  expect(taken).toBe(0)
})

/** Ids that are not there before `refill`, and how long each caller would wait for them. */
class DryIds {
  readonly #clock: Clock
  readonly #waiters: Waiters<bigint>
  departures = 0
  lastPatienceMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#waiters = new Waiters(clock, { callersMax: 9, idsMax: 9 }, deadlineExceeded)
  }

  get callers(): number {
    return this.#waiters.callers
  }

  next(caller: Caller): Promise<bigint> {
    this.lastPatienceMs = caller.deadlineMs - this.#clock.monotonicMs()
    const onLeave = (left: () => void) =>
      caller.onLeave(() => {
        this.departures += 1
        left()
      })
    return this.#waiters.add(1, { deadlineMs: caller.deadlineMs, onLeave })
  }

  refill(id: bigint): void {
    this.#waiters.serve(
      () => id++,
      () => false,
    )
  }
}
