import { describe, expect, test } from '@jest/globals'
import { overloaded, shuttingDown } from '../../../pkg/errors/failures.ts'
import { settled } from '../../../test/support/manual-clock.ts'
import { RegistryRig } from '../../../test/support/registry-rig.ts'
import { Answer, TestCaller } from '../../../test/support/test-caller.ts'
import type { GeneratorState } from './generator-state.ts'

/** How often the tables of tags were read. */
function reads({ store }: RegistryRig): number {
  return store.tags.finds.calls + store.tags.confirms.calls
}

describe('a tag that is asked for first', () => {
  test('is looked up once, and leased from once, for any number of callers', async () => {
    const rig = new RegistryRig()
    rig.add('orders', { buffer: 'double', step: 20 })
    const answers = Array.from({ length: 200 }, () => rig.next('orders'))
    await settled()
    answers.push(...Array.from({ length: 300 }, () => rig.next('orders')))
    await settled()
    expect(new Set(answers.map(({ is }) => is)).size).toBe(500)
    expect(answers.map(({ is }) => is)).not.toContain('waits')
    expect(rig.store.tags.finds.calls).toBe(1)
    expect(rig.store.segments.line.mostInFlight).toBe(1)
  })

  test('keeps each caller until its own deadline', async () => {
    const rig = new RegistryRig()
    rig.add('orders')
    rig.store.tags.finds.state = 'held'
    const hasty = rig.next('orders', new TestCaller(rig.clock, 100))
    const patient = rig.next('orders')
    await rig.clock.advance(100)
    expect([hasty.is, patient.is]).toEqual(['DEADLINE_EXCEEDED', 'waits'])
    rig.store.tags.finds.release()
    await settled()
    expect(patient.is).toBe(2n)
  })

  test('while the store is down waits for it', async () => {
    const rig = new RegistryRig()
    rig.add('orders')
    rig.store.state = 'down'
    const answer = rig.next('orders')
    await rig.clock.advance(2_000)
    expect(answer.is).toBe('waits')
    rig.store.state = 'up'
    await rig.clock.advance(500)
    expect(answer.is).toBe(2n)
    expect(rig.clock.pending).toBe(0)
  })

  test('with a name that can be none costs the store nothing', async () => {
    const rig = new RegistryRig()
    for (const name of ['', ' ', '-a', 'ä', 'x'.repeat(129), '🙂']) {
      expect(await rig.nextNow(name)).toBe('TAG_INVALID')
    }
    expect(reads(rig)).toBe(0)
  })

  test('together with a thousand others is refused if it is one more', async () => {
    const rig = new RegistryRig()
    rig.store.tags.finds.state = 'held'
    const answers = Array.from({ length: 1_000 }, (_, n) => rig.next(`tag-${n}`))
    await settled()
    expect(await rig.nextNow('one-more')).toBe('OVERLOADED')
    expect(await rig.nextNow('tag-7')).toBe('waits')
    rig.store.tags.finds.release()
    await settled()
    expect(new Set(answers.map(({ is }) => is))).toEqual(new Set(['TAG_NOT_FOUND']))
    expect(await rig.nextNow('one-more')).toBe('TAG_NOT_FOUND')
  })
})

describe('a tag that can not be served', () => {
  test('because it does not exist: that is remembered for a while and no longer', async () => {
    const rig = new RegistryRig()
    expect(await rig.nextNow('orders')).toBe('TAG_NOT_FOUND')
    rig.add('orders')
    const before = reads(rig)
    await rig.clock.advance(2_999)
    expect(await rig.nextNow('orders')).toBe('TAG_NOT_FOUND')
    expect(reads(rig)).toBe(before)
    await rig.clock.advance(1)
    expect(await rig.nextNow('orders')).toBe(2n)
  })

  test.each([
    ['frozen', { freeze: { reason: 'operator' } }, 'TAG_FROZEN'],
    ['without a step', { step: 0 }, 'TAG_OPTION_INVALID'],
    ['below its tombstone', { deletedMaxId: 500n }, 'STORE_WENT_BACKWARDS'],
  ] as const)(
    'because it is %s: nor is the store asked again for a while',
    async (_, row, code) => {
      const rig = new RegistryRig()
      rig.add('orders', row)
      for (let n = 0; n < 10; n++) expect(await rig.nextNow('orders')).toBe(code)
      rig.add('orders')
      await rig.clock.advance(4_999)
      expect(await rig.nextNow('orders')).toBe(code)
      // A plain read, and one that is believed.
      expect([reads(rig), rig.store.segments.line.calls]).toEqual([2, 0])
      await rig.clock.advance(1)
      expect(await rig.nextNow('orders')).toBe(2n)
    },
  )

  test('is forgotten in favour of others when callers make up names without end', async () => {
    const rig = new RegistryRig({ missMs: 60_000 })
    const names = Array.from({ length: 10_001 }, (_, n) => `made-up-${n}`)
    for (let from = 0; from < names.length; from += 1_000) {
      for (const name of names.slice(from, from + 1_000)) rig.next(name)
      await settled()
    }
    const before = rig.store.tags.finds.calls
    await rig.nextNow('made-up-9000')
    expect(rig.store.tags.finds.calls).toBe(before)
    await rig.nextNow('made-up-0')
    expect(rig.store.tags.finds.calls).toBe(before + 1)
  })
})

describe('a registry that is full', () => {
  test('makes room by the tag that was active least recently', async () => {
    const rig = new RegistryRig({ tagsMax: 3 })
    for (const name of ['a', 'b', 'c']) {
      rig.add(name)
      await rig.nextNow(name)
    }
    await rig.registry.refresh()
    for (const name of ['a', 'c']) await rig.nextNow(name)
    await rig.registry.refresh()
    rig.add('d')
    expect(await rig.nextNow('d')).toBe(2n)
    expect(['a', 'b', 'c', 'd'].filter((name) => rig.registry.live(name))).toEqual(['a', 'c', 'd'])
    expect(rig.observer.events).toEqual(['dropped 999 of b'])
    expect(await rig.nextNow('b')).toBe(1_002n)
  })

  test('never holds more tags, however many are asked for', async () => {
    const rig = new RegistryRig({ tagsMax: 10 })
    const names = Array.from({ length: 100 }, (_, n) => rig.add(`tag-${n}`))
    for (const name of names) {
      expect(await rig.nextNow(name)).toBe(2n)
      expect(names.filter((name) => rig.registry.live(name)).length).toBeLessThanOrEqual(10)
    }
  })

  test('of tags with callers or leases refuses others, until one of those is idle', async () => {
    const rig = new RegistryRig({ tagsMax: 2 })
    rig.add('waited-for')
    rig.add('refilled', { buffer: 'double', step: 10 })
    rig.add('other')
    await rig.nextNow('refilled')
    rig.store.segments.line.state = 'held'
    rig.take('refilled', 8)
    const waits = rig.next('waited-for')
    await settled()
    expect(rig.store.segments.line.inFlight).toBe(2)
    expect(await rig.nextNow('other')).toBe('OVERLOADED')
    expect(rig.registry.live('refilled')).toBeDefined()
    rig.store.segments.line.release()
    await settled()
    expect(waits.is).toBe(2n)
    // So long they were told to wait, and the store is not asked again before.
    await rig.clock.advance(1_000)
    expect(await rig.nextNow('other')).toBe(2n)
  })

  test('remembers how far an evicted tag was, if the store does not', async () => {
    const rig = new RegistryRig({ tagsMax: 1 })
    const name = rig.add('orders')
    rig.add('other')
    expect(await rig.nextNow('orders')).toBe(2n)
    expect(await rig.nextNow('other')).toBe(2n)
    expect(rig.registry.live('orders')).toBeUndefined()
    rig.store.edit(name, { maxId: 1n })
    expect(await rig.nextNow('orders')).toBe('STORE_WENT_BACKWARDS')
    expect(rig.store.row(name)?.freeze).toEqual({ reason: 'went-backwards', above: 1_001n })
  })
})

test('a tag that was made anew by hand after its store lost it gives no id twice', async () => {
  const rig = new RegistryRig()
  const name = rig.add('orders')
  await rig.nextNow('orders')
  rig.store.remove(name)
  await rig.registry.refresh()
  expect(await rig.nextNow('orders')).toBe('TAG_NOT_FOUND')
  rig.add('orders')
  await rig.clock.advance(3_000)
  expect(await rig.nextNow('orders')).toBe('STORE_WENT_BACKWARDS')
})

describe('the state of a tag', () => {
  const stateOf = async (rig: RegistryRig, name: string) => {
    const tag = rig.add(name)
    const caller = new TestCaller(rig.clock)
    const state = new Answer<GeneratorState>(() => rig.registry.state(tag, caller))
    await settled()
    return state.is
  }

  test('of which nobody asked for ids holds nothing, and costs no lease', async () => {
    const rig = new RegistryRig()
    expect(await stateOf(rig, 'orders')).toMatchObject({ ranges: [], waiters: 0 })
    expect(rig.store.segments.line.calls).toBe(0)
  })

  test('shows the ids in memory', async () => {
    const rig = new RegistryRig()
    rig.add('orders')
    await rig.nextNow('orders')
    expect(await stateOf(rig, 'orders')).toMatchObject({ ranges: [{ first: 3n, last: 1_001n }] })
  })
})

describe('a registry that is closed', () => {
  const REASON = shuttingDown(2_000)

  test('refuses those who wait for a tag, or an id, and all who come later', async () => {
    const rig = new RegistryRig()
    for (const name of ['in-memory', 'leased', 'looked-up']) rig.add(name)
    await rig.nextNow('in-memory')
    const held = rig.registry.live('in-memory')
    rig.store.state = 'held'
    const answers = [rig.next('looked-up')]
    rig.store.tags.finds.state = 'up'
    answers.push(rig.next('leased'))
    await settled()
    rig.registry.close(REASON)
    for (const name of ['in-memory', 'leased', 'looked-up', 'unknown', '🙂']) {
      expect(rig.registry.live(name)).toBeUndefined()
      answers.push(rig.next(name))
    }
    answers.push(new Answer<bigint>(() => held?.next(new TestCaller(rig.clock)) ?? 0n))
    await settled()
    expect(new Set(answers.map(({ is }) => is))).toEqual(new Set(['SHUTTING_DOWN']))
    expect(rig.observer.events).toEqual(['dropped 999 of in-memory'])
    rig.store.state = 'up'
    await rig.clock.advance(10_000)
    expect(rig.clock.pending).toBe(0)
  })

  test('takes in no tag whose lookup ends afterwards', async () => {
    const rig = new RegistryRig()
    rig.add('orders')
    rig.store.tags.finds.state = 'held'
    const answer = rig.next('orders')
    await settled()
    rig.registry.close(REASON)
    rig.store.tags.finds.release()
    await settled()
    expect(answer.is).toBe('SHUTTING_DOWN')
    expect(rig.registry.live('orders')).toBeUndefined()
    expect(await rig.nextNow('orders')).toBe('SHUTTING_DOWN')
    expect(rig.store.segments.line.calls).toBe(0)
  })

  test('keeps no timer of a lookup or a lease that is tried again', async () => {
    const rig = new RegistryRig()
    rig.add('orders')
    rig.add('users')
    await rig.registry.open('users', new TestCaller(rig.clock))
    rig.registry.start()
    rig.store.state = 'down'
    rig.next('orders')
    rig.next('users')
    await rig.clock.advance(1_000)
    expect(rig.clock.pending).toBeGreaterThan(3)
    rig.registry.close(overloaded('whatever', 1))
    await settled()
    expect(rig.clock.pending).toBe(0)
  })
})

test('before a stop nothing is leased any more that nobody waits for', async () => {
  const rig = new RegistryRig({ defaultBuffer: 'double' })
  /** Takes 9 ids one by one: after so many of 10 the double buffer wants more. */
  const nine = async (name: string) => {
    for (let n = 0; n < 9; n++) await rig.nextNow(name)
  }
  for (const name of ['old', 'new']) rig.add(name, { step: 10 })
  await nine('old')
  expect(rig.store.segments.line.calls).toBe(2)
  rig.registry.stopPrefetching()
  await nine('old')
  await nine('new')
  await rig.registry.refresh()
  expect(await rig.nextNow('old')).toBe(20n)
  expect(rig.store.segments.line.calls).toBe(3)
  expect([await rig.nextNow('old'), await rig.nextNow('old')]).toEqual([21n, 22n])
  expect(rig.store.segments.line.calls).toBe(4)
})
