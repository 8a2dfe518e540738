import { describe, expect, test } from '@jest/globals'
import { ClientRig, TAG } from '../../test/support/client-rig.ts'
import { settled } from '../../test/support/manual-clock.ts'
import { Answer } from '../../test/support/test-caller.ts'
import { GolovesError } from '../errors/goloves-error.ts'
import { LeaseClient } from './lease.ts'

/** A client of one scripted instance that counts up, for all tags together. */
class LeaseRig extends ClientRig {
  readonly client: LeaseClient
  #last = 0n

  constructor(heldMax = 100_000) {
    super()
    const { service, clock } = this
    this.client = new LeaseClient(service, { heldMax, clock, random: () => 0.5 })
    this.transport(0).always = (attempt) => {
      attempt.succeed(this.#last + 1n)
      this.#last += BigInt(attempt.count)
    }
  }

  async next(tag: string = TAG): Promise<bigint | string> {
    const answer = new Answer(() => this.client.nextId(tag))
    await settled()
    return answer.is
  }
}

test('each tag has its own ids, however they alternate', async () => {
  const rig = new LeaseRig()
  expect(await rig.next('a')).toBe(1n)
  expect(await rig.next('b')).toBe(101n)
  expect(rig.client.nextIdNow('a')).toBe(2n)
  expect(await rig.next('a')).toBe(3n)
  expect(rig.client.nextIdNow('b')).toBe(102n)
  expect(rig.asked).toEqual([[100, 100]])
})

test('a first id that is wanted now is on its way', async () => {
  const rig = new LeaseRig()
  expect(rig.client.nextIdNow(TAG)).toBeUndefined()
  await settled()
  expect(rig.client.nextIdNow(TAG)).toBe(1n)
})

describe('many ids', () => {
  test('come from memory while so many are there', async () => {
    const rig = new LeaseRig()
    await rig.next()
    expect(await rig.client.nextIds(TAG, 20)).toEqual([{ first: 2n, last: 21n, step: 1n }])
    expect(rig.asked).toEqual([[100]])
  })

  test('are asked for by themselves else, and what is in memory stays there', async () => {
    const rig = new LeaseRig()
    await rig.next()
    expect(await rig.client.nextIds(TAG, 5000)).toEqual([{ first: 101n, last: 5100n, step: 1n }])
    expect(rig.client.nextIdNow(TAG)).toBe(2n)
    expect(rig.asked).toEqual([[100, 5000]])
  })

  test.each([0, -1, 1.5, Number.NaN])('are not %s', async (count) => {
    const rig = new LeaseRig()
    await expect(rig.client.nextIds(TAG, count)).rejects.toMatchObject({
      code: 'COUNT_OUT_OF_RANGE',
    })
  })
})

test('what can be no tag is refused', async () => {
  const rig = new LeaseRig()
  expect(await rig.next('no tag')).toBe('TAG_INVALID')
  expect(() => rig.client.nextIdNow('')).toThrow(GolovesError)
  await expect(rig.client.nextIds('', 1)).rejects.toMatchObject({ code: 'TAG_INVALID' })
})

test('ids of ten thousand tags are held; those that were begun first make room for more', async () => {
  const rig = new LeaseRig(2)
  for (let tag = 0; tag < 10_000; tag++) rig.client.nextIdNow(`tag-${tag}`)
  await settled()
  await rig.next('one-more')
  expect(rig.client.nextIdNow('tag-0')).toBeUndefined()
  expect(rig.client.nextIdNow('tag-9999')).toBe(20_000n - 1n)
})

describe('a client that is closed', () => {
  test('tells how many ids it dropped, of all tags', async () => {
    const rig = new LeaseRig()
    await rig.next('a')
    await rig.next('b')
    rig.client.nextIdNow('b')
    expect(await rig.client.close()).toEqual({ dropped: 99 + 98 })
    expect(rig.clock.pending).toBe(0)
  })

  test('refuses by each method, for tags that it knows and others', async () => {
    const rig = new LeaseRig()
    await rig.next()
    await rig.client.close()
    for (const tag of [TAG, 'other']) {
      expect(await rig.next(tag)).toBe('SHUTTING_DOWN')
      expect(() => rig.client.nextIdNow(tag)).toThrow('closed')
      await expect(rig.client.nextIds(tag, 1)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' })
      await expect(rig.client.decode(tag, 1n)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' })
    }
  })
})
