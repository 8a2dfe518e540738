import { describe, expect, test } from '@jest/globals'
import { shuttingDown } from '../../../pkg/errors/failures.ts'
import { GeneratorRig } from '../../../test/support/generator-rig.ts'
import { settled } from '../../../test/support/manual-clock.ts'
import { doubleBuffer } from './double-buffer.ts'

const REASON = shuttingDown(1_000)
const TWO_BUFFERS = doubleBuffer({ sizing: 'fixed', prefetchAt: 0.2 })

describe('a generator that is closed returns', () => {
  test('nothing if it never leased', () => {
    expect(new GeneratorRig().generator.close(REASON)).toEqual([])
  })

  test('exactly what has not left, the first time only', async () => {
    const rig = new GeneratorRig()
    rig.take(250)
    await settled()
    expect(await rig.nextNow()).toBe(252n)
    expect(rig.generator.close(REASON)).toEqual([{ first: 253n, last: 1_001n }])
    expect(rig.generator.close(REASON)).toEqual([])
    expect(await rig.nextNow()).toBe('SHUTTING_DOWN')
  })

  test('nothing once the last id has left', async () => {
    const rig = new GeneratorRig()
    rig.take(1_000)
    await settled()
    expect(rig.generator.close(REASON)).toEqual([])
  })

  test('both segments of a double buffer, each by itself', async () => {
    const rig = new GeneratorRig({ policy: TWO_BUFFERS })
    rig.take(1)
    await settled()
    rig.take(899)
    await settled()
    expect(rig.leases).toBe(2)
    expect(rig.generator.close(REASON)).toEqual([
      { first: 902n, last: 1_001n },
      { first: 1_002n, last: 2_001n },
    ])
  })

  test('the end of a rest that it took', async () => {
    const rig = new GeneratorRig({ row: { maxId: 5_000n } })
    const { name, generation } = rig.tag
    const range = { first: 501n, last: 600n }
    await rig.store.rests.giveBack([{ tag: name, range, generation }])
    expect([await rig.nextNow(), await rig.nextNow()]).toEqual([501n, 502n])
    expect(rig.generator.close(REASON)).toEqual([{ first: 503n, last: 600n }])
  })

  test('nothing that was leased under an older generation, even if nobody noticed yet', async () => {
    const rig = new GeneratorRig()
    await rig.nextNow()
    const { line } = rig.store.segments
    // The first attempt makes the allocator read the row again; the second one never ends.
    line.before = () => {
      rig.store.edit(rig.tag.name, { step: 7, generation: 5n })
      line.before = () => {
        line.state = 'held'
      }
    }
    rig.take(2_000)
    await settled()
    expect(rig.generator.state().ranges).toHaveLength(1)
    expect(rig.generator.tag.generation).toBe(5n)
    expect(rig.generator.close(REASON)).toEqual([])
  })

  test('nothing of a lease that is still on its way', async () => {
    const rig = new GeneratorRig()
    await rig.nextNow()
    rig.store.segments.line.state = 'held'
    rig.take(2_000)
    await settled()
    expect(rig.generator.close(REASON)).toEqual([{ first: 3n, last: 1_001n }])
  })
})
