import { describe, expect, test } from '@jest/globals'
import { overloaded, shuttingDown } from '../../../pkg/errors/failures.ts'
import type { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import { GeneratorRig } from '../../../test/support/generator-rig.ts'
import { settled } from '../../../test/support/manual-clock.ts'
import { Answer, TestCaller } from '../../../test/support/test-caller.ts'
import type { Tag } from '../entity/tag.ts'
import { HighWaterMarks } from './high-water-marks.ts'
import type { IdGenerator } from './id-generator.ts'
import { LossGuard } from './loss-guard.ts'
import { TagLookup } from './tag-lookup.ts'

/** A lookup in the store of a generator's rig, which finds that very generator. */
class Lookup extends GeneratorRig {
  /** What was found, and how it ended. */
  readonly found: Tag[] = []
  readonly ends: (GolovesError | undefined)[] = []
  refusal: GolovesError | undefined
  readonly lookup = new TagLookup({
    name: this.tag.name,
    guard: new LossGuard(this.store.tags, new HighWaterMarks(), this.clock),
    clock: this.clock,
    random: () => 1,
    waiting: { callersMax: 3, idsMax: 1_000 },
    onFound: (tag) => {
      if (this.refusal !== undefined) throw this.refusal
      this.found.push(tag)
      return this.generator
    },
    onEnd: (error) => this.ends.push(error),
  })

  wait(caller = new TestCaller(this.clock)): Answer<IdGenerator> {
    return new Answer<IdGenerator>(() => this.lookup.wait(caller))
  }
}

describe('a tag that is looked up', () => {
  test('is read once for all who ask meanwhile, and they all get its generator', async () => {
    const rig = new Lookup()
    rig.store.tags.finds.state = 'held'
    const answers = [rig.wait(), rig.wait()]
    await settled()
    answers.push(rig.wait())
    rig.store.tags.finds.release()
    await settled()
    expect(answers.map(({ is }) => is)).toEqual(Array(3).fill(rig.generator))
    expect(rig.store.tags.finds.calls).toBe(1)
    expect(rig.found).toEqual([rig.tag])
    expect(rig.ends).toEqual([undefined])
    expect(rig.clock.pending).toBe(0)
  })

  test('but is not seen by a plain read is believed to be missing only when that is confirmed', async () => {
    const rig = new Lookup()
    rig.store.tags.findAll = async () => new Map()
    const answer = rig.wait()
    await settled()
    expect(answer.is).toBe(rig.generator)
    expect(rig.store.tags.confirms.calls).toBe(1)
  })

  test('and does not exist: all are told, and the lookup ends once', async () => {
    const rig = new Lookup()
    rig.store.remove(rig.tag.name)
    const answers = [rig.wait(), rig.wait()]
    await settled()
    expect(answers.map(({ is }) => is)).toEqual(['TAG_NOT_FOUND', 'TAG_NOT_FOUND'])
    expect(rig.ends.map((end) => end?.code)).toEqual(['TAG_NOT_FOUND'])
    expect([rig.store.tags.finds.calls, rig.store.tags.confirms.calls]).toEqual([1, 1])
    expect(rig.clock.pending).toBe(0)
  })

  test('and found but refused: all are told why', async () => {
    const rig = new Lookup()
    rig.refusal = overloaded('tags are in use', 1_000)
    const answer = rig.wait()
    await settled()
    expect(answer.is).toBe('OVERLOADED')
    expect(rig.ends).toEqual([rig.refusal])
  })

  test('with a fault of the program is not tried again', async () => {
    const rig = new Lookup()
    let calls = 0
    rig.store.tags.findAll = async () => {
      calls += 1
      throw new TypeError('a fault of the program')
    }
    const answer = rig.wait()
    await rig.clock.advance(10_000)
    expect([answer.is, calls]).toEqual(['INTERNAL', 1])
  })
})

describe('callers of a lookup', () => {
  test('each wait until their own deadline', async () => {
    const rig = new Lookup()
    rig.store.tags.finds.state = 'held'
    const hasty = rig.wait(new TestCaller(rig.clock, 100))
    const patient = rig.wait(new TestCaller(rig.clock, 60_000))
    await rig.clock.advance(100)
    expect([hasty.is, patient.is]).toEqual(['DEADLINE_EXCEEDED', 'waits'])
    rig.store.tags.finds.release()
    await settled()
    expect(patient.is).toBe(rig.generator)
  })

  test('may leave', async () => {
    const rig = new Lookup()
    rig.store.tags.finds.state = 'held'
    const leaver = new TestCaller(rig.clock)
    const answer = rig.wait(leaver)
    leaver.leave()
    await settled()
    expect(answer.is).toBe('DEADLINE_EXCEEDED')
    expect(rig.clock.pending).toBe(0)
  })

  test('too many of them are refused at once', async () => {
    const rig = new Lookup()
    rig.store.tags.finds.state = 'held'
    const answers = Array.from({ length: 4 }, () => rig.wait())
    await settled()
    expect(answers.map(({ is }) => is)).toEqual(['waits', 'waits', 'waits', 'OVERLOADED'])
  })
})

describe('while the store is down', () => {
  test('it is tried again within 500 ms, and succeeds when the store is back', async () => {
    const rig = new Lookup()
    rig.store.state = 'down'
    const answer = rig.wait(new TestCaller(rig.clock, 60_000))
    await rig.clock.advance(50 + 100 + 200 + 400 + 500 + 499)
    expect(rig.store.tags.finds.calls).toBe(6)
    rig.store.state = 'up'
    await rig.clock.advance(1)
    expect(answer.is).toBe(rig.generator)
    expect(rig.ends).toEqual([undefined])
  })

  test('callers are told so at their deadline, and nobody tries on when all have left', async () => {
    const rig = new Lookup()
    rig.store.state = 'down'
    const answer = rig.wait(new TestCaller(rig.clock, 60))
    await rig.clock.advance(60)
    expect(answer.is).toBe('STORE_UNAVAILABLE')
    await rig.clock.advance(60_000)
    expect(rig.store.tags.finds.calls).toBe(3)
    expect(rig.ends.map((end) => end?.code)).toEqual(['STORE_UNAVAILABLE'])
    expect(rig.clock.pending).toBe(0)
  })
})

describe('a lookup that is stopped', () => {
  test.each(['held', 'down'] as const)(
    'while the store is %s refuses all at once',
    async (state) => {
      const rig = new Lookup()
      rig.store.tags.finds.state = state
      const answer = rig.wait()
      await settled()
      rig.lookup.stop(shuttingDown(1_000))
      await settled()
      expect(answer.is).toBe('SHUTTING_DOWN')
      expect(rig.clock.pending).toBe(0)
      await rig.clock.advance(10_000)
      expect(rig.store.tags.finds.calls).toBe(1)
    },
  )

  test('makes no generator of what it finds afterwards', async () => {
    const rig = new Lookup()
    rig.store.tags.finds.state = 'held'
    rig.wait()
    await settled()
    rig.lookup.stop(shuttingDown(1_000))
    rig.store.tags.finds.release()
    await settled()
    expect(rig.found).toEqual([])
  })
})

test('a tag that is created while it is looked for is found', async () => {
  const rig = new Lookup()
  rig.store.remove(rig.tag.name)
  rig.store.tags.confirms.state = 'held'
  const answer = rig.wait()
  await settled()
  rig.store.put(rig.tag)
  rig.lookup.repeat()
  rig.store.tags.confirms.release()
  await settled()
  expect(answer.is).toBe(rig.generator)
})
