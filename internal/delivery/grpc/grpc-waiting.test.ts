import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { SystemClock } from '../../../pkg/clock/system-clock.ts'
import { deadlineExceeded } from '../../../pkg/errors/failures.ts'
import { KNOWN_TAG } from '../../../test/contract/error-cases.ts'
import { refusal } from '../../../test/support/grpc-client.ts'
import { clock, eventually, type GrpcRig, grpcRig } from '../../../test/support/grpc-rig.ts'
import { settled } from '../../../test/support/manual-clock.ts'
import type { Caller } from '../../domain/generator/caller.ts'
import { Waiters } from '../../domain/generator/waiters.ts'

describe('a caller that has to wait', () => {
  let ids: DryIds
  let rig: GrpcRig
  beforeEach(async () => {
    ids = new DryIds()
    rig = await grpcRig({ nextId: { execute: (_, caller) => ids.next(caller) } })
  })
  afterEach(() => rig.stop())

  const nextId = (timeoutMs: number) =>
    rig.client.start('goloves.v1.IdService/NextId', { tag: KNOWN_TAG }, timeoutMs)

  test('is answered in our words shortly before its own deadline, and nobody else is', async () => {
    const patient = nextId(10_000)
    await eventually(() => ids.callers === 1)
    const startMs = clock.monotonicMs()
    const answer = await refusal(nextId(500).reply)
    const tookMs = clock.monotonicMs() - startMs
    expect(answer.details).toMatchObject([{ value: { reason: 'DEADLINE_EXCEEDED' } }])
    expect(tookMs).toBeGreaterThan(350)
    expect(tookMs).toBeLessThan(500)
    ids.refill(1n)
    expect(await patient.reply).toEqual({ id: '1' })
  })

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
    ['a tenth less than it has', 400, 360],
  ])('waits at most %s', async (_, timeoutMs, mostMs) => {
    const waiting = nextId(timeoutMs)
    await eventually(() => ids.callers === 1)
    ids.refill(1n)
    await waiting.reply
    expect(ids.lastPatienceMs).toBeLessThanOrEqual(mostMs)
    expect(ids.lastPatienceMs).toBeGreaterThan(mostMs - 200)
  })
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
  readonly #waiters = new Waiters<bigint>(clock, { callersMax: 9, idsMax: 9 }, deadlineExceeded)
  departures = 0
  lastPatienceMs = 0

  get callers(): number {
    return this.#waiters.callers
  }

  next(caller: Caller): Promise<bigint> {
    this.lastPatienceMs = caller.deadlineMs - clock.monotonicMs()
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
