import { describe, expect, test } from '@jest/globals'
import { ClientRig, TAG } from '../../test/support/client-rig.ts'
import { settled } from '../../test/support/manual-clock.ts'
import { Answer } from '../../test/support/test-caller.ts'
import { tagFrozen } from '../errors/failures.ts'
import { GolovesError } from '../errors/goloves-error.ts'
import { MergeClient } from './merge.ts'

/** A merging client of one scripted instance; turns are those of the event loop. */
class MergeRig extends ClientRig {
  readonly client = new MergeClient(this.service, this.clock)

  next(tag: string = TAG): Answer<bigint> {
    return new Answer(() => this.client.nextId(tag))
  }

  nextOf(count: number, tag: string = TAG): Answer<bigint>[] {
    return Array.from({ length: count }, () => this.next(tag))
  }

  /** The one NextIds under way. */
  get underWay() {
    const { open } = this.transport(0)
    if (open[0] === undefined || open.length > 1) throw new Error(`There are ${open.length}.`)
    return open[0]
  }
}

function outcomes(answers: readonly Answer<bigint>[]): unknown[] {
  return answers.map(({ is }) => is)
}

describe('the calls of one turn of the event loop', () => {
  test('are one NextIds, wherever in the turn they are made', async () => {
    const rig = new MergeRig()
    rig.nextOf(2)
    queueMicrotask(() => rig.next())
    process.nextTick(() => rig.next())
    void Promise.resolve()
      .then(() => rig.next())
      .then(() => rig.nextOf(2))
    await settled()
    expect(rig.asked).toEqual([[7]])
  })

  test('get the ids in their order, across ranges', async () => {
    const rig = new MergeRig()
    const answers = rig.nextOf(4)
    await settled()
    rig.underWay.succeed(11n)
    await settled()
    expect(outcomes(answers)).toEqual([11n, 12n, 13n, 14n])
  })

  test('of another tag are another NextIds', async () => {
    const rig = new MergeRig()
    rig.nextOf(3)
    rig.nextOf(2, 'invoice-service')
    await settled()
    expect(rig.asked).toEqual([[3, 2]])
  })

  test('that ask for many ids are not among them', async () => {
    const rig = new MergeRig()
    rig.nextOf(2)
    void rig.client.nextIds(TAG, 5).catch(() => {})
    await settled()
    expect(rig.asked).toEqual([[5, 2]])
    rig.service.close()
  })
})

describe('while a NextIds is under way', () => {
  test('the calls of its tag gather for the next one', async () => {
    const rig = new MergeRig()
    const first = rig.nextOf(2)
    await settled()
    const second = rig.nextOf(3)
    await settled()
    const third = rig.nextOf(1)
    await settled()
    expect(rig.asked).toEqual([[2]])
    rig.underWay.succeed(1n)
    await settled()
    expect(rig.asked).toEqual([[2, 4]])
    rig.underWay.succeed(3n)
    await settled()
    expect(outcomes([...first, ...second, ...third])).toEqual([1n, 2n, 3n, 4n, 5n, 6n])
  })

  test('its refusal is for its own calls only', async () => {
    const rig = new MergeRig()
    const first = rig.nextOf(2)
    await settled()
    const second = rig.nextOf(2)
    await settled()
    rig.underWay.fail(tagFrozen(TAG))
    await settled()
    rig.underWay.succeed(1n)
    await settled()
    expect(outcomes(first)).toEqual(['TAG_FROZEN', 'TAG_FROZEN'])
    expect(outcomes(second)).toEqual([1n, 2n])
  })
})

describe('the deadline', () => {
  test('is that of each turn: what is under way goes on for later calls', async () => {
    const rig = new MergeRig()
    rig.next()
    await settled()
    const early = rig.nextOf(2)
    await rig.clock.advance(300)
    const late = rig.nextOf(2)
    await rig.clock.advance(100)
    rig.underWay.succeed(1n)
    await rig.clock.advance(600)
    expect(outcomes(early)).toEqual(['DEADLINE_EXCEEDED', 'DEADLINE_EXCEEDED'])
    expect(outcomes(late)).toEqual(['waits', 'waits'])
    rig.underWay.succeed(5n)
    await settled()
    expect(outcomes(late)).toEqual([7n, 8n])
    expect(outcomes(early)).toEqual(['DEADLINE_EXCEEDED', 'DEADLINE_EXCEEDED'])
    expect(rig.clock.pending).toBe(0)
  })

  test('says what went wrong, where something did', async () => {
    const rig = new MergeRig()
    rig.transport(0).always = (attempt) => attempt.fail(new Error('connect ECONNREFUSED'))
    const answers = rig.nextOf(2)
    await rig.clock.advance(500)
    const later = rig.nextOf(2)
    await rig.clock.advance(500)
    expect(outcomes(answers)).toEqual(['STORE_UNAVAILABLE', 'STORE_UNAVAILABLE'])
    await rig.clock.advance(500)
    expect(outcomes(later)).toEqual(['STORE_UNAVAILABLE', 'STORE_UNAVAILABLE'])
    expect(rig.clock.pending).toBe(0)
  })
})

describe('where the service gives fewer ids in one call,', () => {
  test('a second one follows for the other calls', async () => {
    const rig = new MergeRig()
    const answers = rig.nextOf(5)
    await settled()
    rig.underWay.fail(new GolovesError('COUNT_OUT_OF_RANGE', '3 at most.'))
    await settled()
    rig.underWay.succeed(1n)
    await settled()
    rig.underWay.succeed(9n)
    await settled()
    expect(rig.asked).toEqual([[5, 3, 2]])
    expect(outcomes(answers)).toEqual([1n, 2n, 3n, 9n, 10n])
  })

  test('the last ids of a tag go to those who asked first', async () => {
    const rig = new MergeRig()
    let left = 3
    rig.transport(0).always = (attempt) => {
      if (attempt.count > left) return attempt.fail(new GolovesError('TAG_EXHAUSTED', 'No more.'))
      attempt.succeed(BigInt(10 - left))
      left -= attempt.count
    }
    const answers = rig.nextOf(5)
    await settled()
    const refused = ['TAG_EXHAUSTED', 'TAG_EXHAUSTED']
    expect(outcomes(answers)).toEqual([7n, 8n, 9n, ...refused])
  })
})

test('what can be no tag is refused', async () => {
  const rig = new MergeRig()
  const answer = rig.next('no tag')
  await settled()
  expect(answer.is).toBe('TAG_INVALID')
})

test('there is a limit to the calls that wait', async () => {
  const rig = new MergeRig()
  const answers = rig.nextOf(100_001)
  await settled()
  expect(answers.at(-1)?.is).toBe('OVERLOADED')
  expect(rig.asked).toEqual([[100_000]])
  rig.underWay.succeed(1n)
  await settled()
  const more = rig.next()
  await settled()
  rig.underWay.succeed(200_000n)
  await settled()
  expect([answers[99_999]?.is, more.is]).toEqual([100_000n, 200_000n])
})

test('a client that is closed tells so whoever waits, and whoever asks later', async () => {
  const rig = new MergeRig()
  const underWay = rig.next()
  await settled()
  const waiting = rig.next()
  await settled()
  const gathering = rig.next()
  expect(await rig.client.close()).toEqual({ dropped: 0 })
  const later = rig.next()
  await settled()
  const told = Array.from({ length: 4 }, () => 'SHUTTING_DOWN')
  expect(outcomes([underWay, waiting, gathering, later])).toEqual(told)
  expect(rig.clock.pending).toBe(0)
})
