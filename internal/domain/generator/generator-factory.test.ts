import { describe, expect, test } from '@jest/globals'
import { aTag } from '../../../test/support/a-tag.ts'
import { BreakableStore } from '../../../test/support/breakable-store.ts'
import { ManualClock, settled } from '../../../test/support/manual-clock.ts'
import { memoryWorkers, openPools } from '../../../test/support/memory-workers.ts'
import { SilentObserver } from '../../../test/support/silent-observer.ts'
import { TestCaller } from '../../../test/support/test-caller.ts'
import { UNREAD_LEDGER } from '../../../test/support/unread-ledger.ts'
import { NO_SEGMENT_OPTIONS } from '../entity/segment-tag-options.ts'
import { SnowflakeLayout } from '../entity/snowflake-layout.ts'
import { type BufferKind, parseTagName, type Tag } from '../entity/tag.ts'
import { GeneratorFactory } from './generator-factory.ts'
import { HighWaterMarks } from './high-water-marks.ts'
import { LossGuard } from './loss-guard.ts'
import { onlyWhatIsAwaited, type PrefetchPolicy } from './prefetch.ts'
import { SegmentGenerator } from './segment-generator.ts'
import { SnowflakeGenerator } from './snowflake-generator.ts'

function setUp(startMs?: number) {
  const clock = new ManualClock(startMs)
  const store = new BreakableStore()
  const workers = openPools(clock)
  const marks = new HighWaterMarks()
  /** Which policies were asked. */
  const asked = new Set<BufferKind>()
  const policy =
    (kind: BufferKind): PrefetchPolicy =>
    (level) => {
      asked.add(kind)
      return onlyWhatIsAwaited(level)
    }
  const factory = new GeneratorFactory(
    {
      segments: store.segments,
      rests: store.rests,
      ledger: UNREAD_LEDGER,
      workers: memoryWorkers(clock, workers),
      ...{ marks, clock, random: () => 1, observer: new SilentObserver() },
      policies: { chain: policy('chain'), double: policy('double') },
      defaultBuffer: 'double',
      waiting: { callersMax: 100, idsMax: 1_000 },
      refreshMs: 3_000,
    },
    new LossGuard(store.tags, marks, clock),
  )
  /** Makes the generator of a row, and asks it for an id. */
  const ask = async (row: Partial<Tag>) => {
    const generator = factory.create(store.put(aTag(row)))
    const id = await generator.next(new TestCaller(clock))
    await settled()
    return { generator, id }
  }
  return { clock, store, workers, factory, asked, ask }
}

function snowflake(layout: string, changes: Partial<Tag> = {}): Partial<Tag> {
  const kind = { mode: 'snowflake', layout: SnowflakeLayout.parse(layout) } as const
  return { ...kind, ...NO_SEGMENT_OPTIONS, ...changes }
}

describe('the generator of a tag', () => {
  test('is one of its mode', async () => {
    const { ask, workers } = setUp()
    const segment = await ask({})
    expect(segment.generator).toBeInstanceOf(SegmentGenerator)
    expect([segment.id, workers.calls]).toEqual([2n, 0])
    const flake = await ask(snowflake('js-safe'))
    expect(flake.generator).toBeInstanceOf(SnowflakeGenerator)
    expect(SnowflakeLayout.parse('js-safe').unpack(flake.id).worker).toBe(0)
  })

  test.each<[BufferKind | undefined, BufferKind]>([
    ['chain', 'chain'],
    ['double', 'double'],
    [undefined, 'double'],
  ])('with the buffer %s keeps ids ready by the policy %s', async (buffer, kind) => {
    const { ask, asked } = setUp()
    await ask({ buffer })
    expect([...asked]).toEqual([kind])
  })

  test('keeps ids ready by another policy once it knows of another buffer', async () => {
    const { ask, asked } = setUp()
    const { generator } = await ask({ buffer: 'chain' })
    asked.clear()
    generator.know({ ...generator.tag, buffer: 'double' })
    expect([...asked]).toEqual(['double'])
  })

  test('keeps no ids ready before a stop, whether it was made before or after', async () => {
    const { ask, factory, asked, clock } = setUp()
    const { generator } = await ask({})
    factory.stopPrefetching()
    asked.clear()
    generator.know(generator.tag)
    await ask({ name: parseTagName('other') })
    await generator.next(new TestCaller(clock))
    expect([...asked]).toEqual([])
  })
})

describe('a tag gets no generator', () => {
  test.each<[string, Partial<Tag>, string]>([
    ['that is frozen', { freeze: { reason: 'operator' } }, 'TAG_FROZEN'],
    ['without a step', { step: 0 }, 'TAG_OPTION_INVALID'],
    [
      'of mode snowflake that is frozen',
      snowflake('twitter', { freeze: { reason: 'operator' } }),
      'TAG_FROZEN',
    ],
    [
      'of mode snowflake whose layout can not be read',
      { mode: 'snowflake', fault: 'its layout is odd' },
      'TAG_OPTION_INVALID',
    ],
  ])('%s', (_, row, code) => {
    const { factory, workers } = setUp()
    expect(() => factory.create(aTag(row))).toThrow(expect.objectContaining({ code }))
    expect(workers.calls).toBe(0)
  })

  test('whose layout has ended, up to the millisecond; and no worker id is claimed for it', () => {
    const layout = SnowflakeLayout.parse('twitter')
    const { clock, factory, workers } = setUp(layout.lastMs + 1)
    const tag = aTag(snowflake('twitter'))
    expect(() => factory.create(tag)).toThrow(expect.objectContaining({ code: 'LAYOUT_ENDED' }))
    expect(workers.calls).toBe(0)
    clock.stepWall(-1)
    expect(factory.create(tag)).toBeInstanceOf(SnowflakeGenerator)
  })
})
