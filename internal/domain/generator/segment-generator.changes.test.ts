import { describe, expect, test } from '@jest/globals'
import { shuttingDown, tagNotFound } from '../../../pkg/errors/failures.ts'
import { GeneratorRig } from '../../../test/support/generator-rig.ts'
import { settled } from '../../../test/support/manual-clock.ts'
import type { Tag } from '../entity/tag.ts'
import { doubleBuffer } from './double-buffer.ts'
import { onlyWhatIsAwaited } from './prefetch.ts'

// What a generator does when its tag changes, and when it ends.

const TWO_BUFFERS = doubleBuffer({ sizing: 'fixed', prefetchAt: 0.2 })

/** Changes the row as the service itself does, and lets the generator know. */
function change(rig: GeneratorRig, changes: Partial<Tag>): void {
  rig.store.edit(rig.tag.name, { version: 1n, ...changes })
  tell(rig, rig.store.row(rig.tag.name))
}

function tell({ generator }: GeneratorRig, tag: Tag | undefined): void {
  if (tag !== undefined) generator.know(tag)
}

describe('a tag that has changed', () => {
  test('under a new generation: what was leased before never leaves', async () => {
    const rig = new GeneratorRig()
    await rig.nextNow()
    change(rig, { generation: 1n })
    expect(rig.observer.drops).toEqual([999n])
    expect(rig.generator).toMatchObject({ hasIds: false, givenOut: 1n })
    expect(await rig.nextNow()).toBe(1_002n)
  })

  test('under a new generation: nor does what was on its way, and who waits gets newer ids', async () => {
    const rig = new GeneratorRig()
    rig.store.segments.line.state = 'held'
    const answer = rig.next()
    await settled()
    change(rig, { generation: 1n })
    rig.store.segments.line.release()
    await settled()
    expect(answer.is).toBe(1_002n)
    expect(rig.leases).toBe(2)
  })

  // Whoever reads the row first must not hide from the others that the generation has changed.
  test('under a new generation that a lease was first to see: what was leased before never leaves', async () => {
    const rig = new GeneratorRig()
    await rig.nextNow()
    rig.store.edit(rig.tag.name, { step: 500, generation: 1n, version: 1n })
    const large = rig.take(1_000)
    await settled()
    tell(rig, rig.store.row(rig.tag.name))
    expect(rig.generator.tag.generation).toBe(1n)
    expect(large.is).toEqual([{ first: 1_002n, last: 2_001n }])
    expect(await rig.nextNow()).toBeGreaterThan(1_001n)
  })

  test('while a lease of it is under way: no other one begins beside it', async () => {
    const rig = new GeneratorRig()
    rig.store.segments.line.state = 'held'
    const first = rig.next()
    await settled()
    change(rig, { step: 500 })
    const second = rig.next()
    await settled()
    expect(rig.leases).toBe(1)
    rig.store.segments.line.release()
    await settled()
    expect([first.is, second.is]).toEqual([2n, 3n])
  })

  test('in its step: from the next lease on', async () => {
    const rig = new GeneratorRig()
    await rig.nextNow()
    change(rig, { step: 50 })
    rig.take(999)
    expect(await rig.nextNow()).toBe(1_002n)
    expect(rig.store.segments.asked.map(({ size }) => size)).toEqual([1_000n, 50n])
    expect(rig.store.segments.asked.at(-1)?.knownStep).toBe(50)
  })

  test('in its buffer: the ids and the cursor stay, the new buffer is filled at once', async () => {
    const rig = new GeneratorRig()
    await rig.nextNow()
    rig.take(900)
    rig.policy = TWO_BUFFERS
    rig.generator.know(rig.tag)
    await settled()
    expect(rig.leases).toBe(2)
    expect(rig.generator.state().ranges).toEqual([{ first: 903n, last: 2_001n }])
    rig.policy = onlyWhatIsAwaited
    rig.generator.know(rig.tag)
    expect(await rig.nextNow()).toBe(903n)
    expect(rig.observer.drops).toEqual([])
  })

  test('after a verdict: the store is asked again at once', async () => {
    const rig = new GeneratorRig({ row: { maxId: 5n, maxValue: 5n } })
    expect(await rig.nextNow()).toBe('TAG_EXHAUSTED')
    change(rig, { maxValue: 2_000n })
    expect(await rig.nextNow()).toBe(6n)
  })

  test('in nothing that matters: the verdict stands', async () => {
    const rig = new GeneratorRig({ row: { maxId: 5n, maxValue: 5n } })
    await rig.nextNow()
    const { calls } = rig.store.tags.confirms
    tell(rig, rig.tag)
    expect(await rig.nextNow()).toBe('TAG_EXHAUSTED')
    expect(rig.store.tags.confirms.calls).toBe(calls)
  })
})

test('dropped ids never leave, nor those on their way, and who waits gets newer ones', async () => {
  const rig = new GeneratorRig()
  await rig.nextNow()
  rig.store.segments.line.state = 'held'
  const answer = rig.take(1_000)
  await settled()
  rig.generator.drop('the test says so')
  rig.store.segments.line.release()
  await settled()
  expect(rig.observer.drops).toEqual([999n, 1_000n])
  expect(answer.is).toEqual([{ first: 2_002n, last: 3_001n }])
})

describe('a generator that is closed', () => {
  const REASON = shuttingDown(1_000)

  test('has refused everybody when close returns, and refuses whoever comes later', async () => {
    const rig = new GeneratorRig()
    await rig.nextNow()
    rig.store.segments.line.state = 'held'
    const answers = [rig.take(1_000), rig.take(2_000)]
    await settled()
    rig.generator.close(REASON)
    expect(rig.generator.state()).toMatchObject({ waiters: 0, ranges: [] })
    expect(rig.observer.drops).toEqual([999n])
    answers.push(rig.take(1))
    await settled()
    expect(answers.map(({ is }) => is)).toEqual(Array(3).fill('SHUTTING_DOWN'))
    expect(await rig.nextNow()).toBe('SHUTTING_DOWN')
  })

  test('throws away a lease that arrives afterwards, and asks for no other', async () => {
    const rig = new GeneratorRig()
    rig.store.segments.line.state = 'held'
    rig.next()
    await settled()
    rig.generator.close(REASON)
    rig.store.segments.line.release()
    await settled()
    expect(rig.generator).toMatchObject({ hasIds: false, isIdle: true })
    expect(await rig.nextNow()).toBe('SHUTTING_DOWN')
    expect(rig.leases).toBe(1)
    expect(rig.clock.pending).toBe(0)
  })

  test('gives up the lease in flight, and leaves no timer of it behind', async () => {
    const rig = new GeneratorRig()
    rig.store.segments.line.state = 'held'
    rig.next()
    await settled()
    rig.generator.close(REASON)
    await settled()
    expect(rig.store.segments.asked[0]?.signal.aborted).toBe(true)
    expect(rig.clock.pending).toBe(0)
  })

  test('leaves no timer behind, also not that of a back-off', async () => {
    const rig = new GeneratorRig()
    rig.store.segments.line.state = 'down'
    rig.next()
    await settled()
    expect(rig.clock.pending).toBe(2)
    rig.generator.close(REASON)
    await settled()
    expect(rig.clock.pending).toBe(0)
    expect(rig.generator.isIdle).toBe(true)
    expect(rig.leases).toBe(1)
  })

  test('keeps to the first reason', async () => {
    const rig = new GeneratorRig()
    rig.generator.close(REASON)
    rig.generator.close(tagNotFound(rig.tag.name))
    expect(await rig.nextNow()).toBe('SHUTTING_DOWN')
    change(rig, { generation: 1n, step: 5 })
    expect(await rig.nextNow()).toBe('SHUTTING_DOWN')
    expect(rig.leases).toBe(0)
  })
})
