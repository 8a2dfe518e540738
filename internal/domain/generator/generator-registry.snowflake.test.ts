import { describe, expect, test } from '@jest/globals'
import { shuttingDown } from '../../../pkg/errors/failures.ts'
import { settled } from '../../../test/support/manual-clock.ts'
import { RegistryRig } from '../../../test/support/registry-rig.ts'
import { idsIn, rangesOf } from '../../../test/support/snowflake-ids.ts'
import { TestCaller } from '../../../test/support/test-caller.ts'
import { SnowflakeLayout } from '../entity/snowflake-layout.ts'

const twitter = SnowflakeLayout.parse('twitter')
const REASON = shuttingDown(2_000)

/** A registry with a tag `events`, of which an id has left. */
async function rigWithEvents(options: ConstructorParameters<typeof RegistryRig>[0] = {}) {
  const rig = new RegistryRig(options)
  const name = rig.addSnowflake('events')
  const first = BigInt(await rig.nextNow('events'))
  return { rig, name, first }
}

describe('a snowflake tag', () => {
  test('is served beside segment tags, without a lease of ids', async () => {
    const { rig, first } = await rigWithEvents()
    rig.add('orders')
    const tick = twitter.tickAt(rig.clock.nowMs())
    expect(twitter.unpack(first)).toEqual({ tick, worker: 0, sequence: 0 })
    expect(await rig.nextNow('orders')).toBe(2n)
    const many = rig.take('events', 100)
    await settled()
    expect(idsIn(rangesOf(many))).toHaveLength(100)
    expect(rig.store.segments.line.calls).toBe(1)
    expect(rig.registry.known('events')).toMatchObject({ mode: 'snowflake', layout: twitter })
  })

  test('that is asked for by many at first is looked up once, under one worker id', async () => {
    const rig = new RegistryRig()
    rig.addSnowflake('events')
    const answers = Array.from({ length: 500 }, () => rig.next('events'))
    await settled()
    expect(new Set(answers.map(({ is }) => is)).size).toBe(500)
    expect(answers.map(({ is }) => is)).not.toContain('waits')
    expect([rig.store.tags.finds.calls, rig.workers.claims.calls]).toEqual([1, 1])
  })

  test('shares its worker id with the tags of its layout, and not with others', async () => {
    const { rig } = await rigWithEvents()
    rig.addSnowflake('clicks')
    rig.addSnowflake('photos', 'sonyflake')
    await rig.clock.advance(1)
    await rig.nextNow('clicks')
    expect(rig.workers.claims.calls).toBe(1)
    await rig.nextNow('photos')
    expect(rig.workers.claims.calls).toBe(2)
  })

  test('that is evicted and looked up again in the same tick repeats nothing', async () => {
    const { rig } = await rigWithEvents({ tagsMax: 1 })
    rig.addSnowflake('others')
    const ids = new Map([
      ['events', new Set<bigint>()],
      ['others', new Set<bigint>()],
    ])
    for (let turn = 0; turn < 50; turn++) {
      for (const [name, seen] of ids) {
        const answer = rig.next(name)
        await settled()
        if (answer.is === 'waits') await rig.clock.advance(1)
        expect(seen.has(BigInt(answer.is))).toBe(false)
        seen.add(BigInt(answer.is))
        expect(rig.registry.live(name)).toBeDefined()
      }
    }
    expect(rig.workers.claims.calls).toBe(1)
  })

  test('is not evicted while somebody waits for its next tick', async () => {
    const { rig } = await rigWithEvents({ tagsMax: 1 })
    rig.addSnowflake('others')
    const many = rig.take('events', 10_000)
    await settled()
    expect(await rig.nextNow('others')).toBe('OVERLOADED')
    await rig.clock.advance(1)
    expect(await rig.nextNow('others')).toBe('OVERLOADED')
    await rig.clock.advance(5)
    expect(idsIn(rangesOf(many))).toHaveLength(10_000)
    await rig.clock.advance(1_000)
    expect(await rig.nextNow('others')).not.toBe('OVERLOADED')
  })

  test('is not evicted while somebody collects ids of the ticks that passed', async () => {
    const { rig } = await rigWithEvents({ tagsMax: 1 })
    rig.addSnowflake('others')
    rig.workers.renewals.state = 'held'
    await rig.clock.advance(10_000)
    const many = rig.take('events', 100_000)
    rig.store.tags.finds.state = 'held'
    const other = rig.next('others')
    await settled()
    rig.clock.pause(20)
    // What the lease tells of its renewal wakes the one, while the other goes on.
    rig.workers.renewals.release()
    rig.store.tags.finds.release()
    await settled()
    expect([many.is, other.is]).toEqual(['waits', 'OVERLOADED'])
    await rig.clock.advance(5)
    expect(idsIn(rangesOf(many))).toHaveLength(100_000)
  })

  test('whose layout has ended is refused, and not looked up again for a while', async () => {
    const rig = new RegistryRig()
    rig.addSnowflake('ended', 'time:40,worker:10,sequence:12,unit:1,epoch:1')
    expect(await rig.nextNow('ended')).toBe('LAYOUT_ENDED')
    expect(await rig.nextNow('ended')).toBe('LAYOUT_ENDED')
    expect([rig.store.tags.finds.calls, rig.workers.calls]).toEqual([1, 0])
  })
})

describe('a snowflake tag that is changed', () => {
  test('frozen and unfrozen: it gives no ids in between, and none again', async () => {
    const { rig, name, first } = await rigWithEvents()
    const waiting = rig.take('events', 10_000)
    await settled()
    rig.store.edit(name, { freeze: { reason: 'operator' } })
    await rig.registry.refresh()
    expect(waiting.is).toBe('TAG_FROZEN')
    expect(await rig.nextNow('events')).toBe('TAG_FROZEN')
    rig.store.edit(name, { freeze: undefined })
    await rig.clock.advance(5_000)
    expect(BigInt(await rig.nextNow('events'))).toBeGreaterThan(first)
  })

  test('frozen and unfrozen by this instance: in the same tick it still repeats nothing', async () => {
    const { rig, name, first } = await rigWithEvents()
    const tag = rig.store.row(name)
    if (tag === undefined) throw new Error('There is no such tag.')
    rig.registry.apply({ ...tag, freeze: { reason: 'operator' } })
    rig.registry.apply(tag)
    const answer = rig.next('events')
    await rig.clock.advance(1)
    expect(BigInt(answer.is)).toBeGreaterThan(first)
  })

  test('deleted: who waits is told, and so is who comes later', async () => {
    const { rig, name } = await rigWithEvents()
    const waiting = rig.take('events', 10_000)
    await settled()
    rig.store.remove(name)
    await rig.registry.refresh()
    expect(waiting.is).toBe('TAG_NOT_FOUND')
    expect(await rig.nextNow('events')).toBe('TAG_NOT_FOUND')
  })

  test('into one of another layout by hand: who waits is told, and the next call gets its ids', async () => {
    const { rig } = await rigWithEvents()
    const waiting = rig.take('events', 10_000)
    await settled()
    rig.addSnowflake('events', 'sonyflake')
    await rig.registry.refresh()
    expect(waiting.is).toBe('MODE_MISMATCH')
    const id = BigInt(await rig.nextNow('events'))
    const sonyflake = SnowflakeLayout.parse('sonyflake')
    expect(sonyflake.unpack(id).tick).toBe(sonyflake.tickAt(rig.clock.nowMs()))
  })

  test('into a segment tag, and back: each gives its own ids', async () => {
    const { rig, name, first } = await rigWithEvents()
    rig.store.remove(name)
    rig.add('events')
    await rig.registry.refresh()
    expect(await rig.nextNow('events')).toBe(2n)
    rig.store.remove(name)
    rig.addSnowflake('events')
    await rig.registry.refresh()
    await rig.clock.advance(1)
    expect(BigInt(await rig.nextNow('events'))).toBeGreaterThan(first)
  })

  test('in nothing that matters: it goes on', async () => {
    const { rig, name, first } = await rigWithEvents()
    const live = rig.registry.live('events')
    rig.store.edit(name, { version: 5n, generation: 5n })
    await rig.registry.refresh()
    expect(rig.registry.live('events')).toBe(live)
    expect(rig.registry.known('events')).toMatchObject({ version: 5n })
    expect(await rig.nextNow('events')).toBe(first + 1n)
  })
})

describe('without its store', () => {
  test('a registry has prospects for as long as a worker id is held', async () => {
    const { rig } = await rigWithEvents()
    rig.store.state = 'down'
    rig.workers.state = 'down'
    await rig.registry.refresh()
    expect(rig.registry.hasProspects).toBe(true)
    await rig.clock.advance(29_999)
    expect(rig.registry.hasProspects).toBe(true)
    await rig.clock.advance(1)
    expect(rig.registry.hasProspects).toBe(false)
    expect(await rig.nextNow('events')).toBe('WORKER_LEASE_LOST')
  })
})

describe('a registry that stops', () => {
  test('tells all who wait, gives no id any more, and its worker ids can be released', async () => {
    const { rig } = await rigWithEvents()
    rig.registry.start()
    rig.registry.stopPrefetching()
    const held = rig.registry.live('events')
    const waiting = rig.take('events', 10_000)
    rig.registry.close(REASON)
    await settled()
    expect(waiting.is).toBe('SHUTTING_DOWN')
    expect(await rig.nextNow('events')).toBe('SHUTTING_DOWN')
    expect(() => held?.next(new TestCaller(rig.clock))).toThrow(REASON.message)
    await rig.leases.release()
    expect(rig.clock.pending).toBe(0)
  })
})
