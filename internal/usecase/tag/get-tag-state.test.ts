import { beforeEach, expect, test } from '@jest/globals'
import { RegistryRig } from '../../../test/support/registry-rig.ts'
import { TestCaller } from '../../../test/support/test-caller.ts'
import { type GeneratorState, NOTHING_HELD } from '../../domain/generator/generator-state.ts'
import { GetTagState } from './get-tag-state.ts'
import { type InstanceState, OtherInstances } from './other-instances.ts'

/** Others that hold what a test says. */
class StatedInstances extends OtherInstances {
  states: InstanceState[] = []
  silent = 0
  readonly asked: string[] = []

  async holding(tag: string) {
    this.asked.push(tag)
    return { states: this.states, silent: this.silent }
  }

  add(instance: string, held: Partial<GeneratorState>): InstanceState {
    const state = { instance, ...NOTHING_HELD, ...held }
    this.states.push(state)
    return state
  }
}

let rig: RegistryRig
let others: StatedInstances

beforeEach(() => {
  rig = new RegistryRig()
  others = new StatedInstances()
})

function stateOf(tag: string) {
  const getTagState = new GetTagState(rig.registry, 'own', others)
  return getTagState.execute(tag, new TestCaller(rig.clock))
}

test('a lone instance is all there is', async () => {
  rig.add('a')
  const own = { instance: 'own', ...NOTHING_HELD }
  expect(await stateOf('a')).toEqual({ ...own, instances: [own], silentInstances: 0 })
})

test('what several hold is put together, and told of each', async () => {
  rig.add('a')
  const worker = { worker: 5, epoch: 1n, reservedUntilMs: 9 }
  const earlier = { range: { first: 1n, last: 9n }, atMs: 1 }
  const latest = { range: { first: 10n, last: 19n }, atMs: 3 }
  const one = others.add('one', {
    ...{ waiters: 2, idsPerSecond: 1.5, secondsLeft: 60, lastLease: latest, worker },
    ranges: [{ first: 10n, last: 19n }],
  })
  const two = others.add('two', {
    ...{ waiters: 3, idsPerSecond: 2, secondsLeft: 4, lastLease: earlier },
    ...{ ranges: [{ first: 1n, last: 9n }], lastError: 'STORE_UNAVAILABLE' },
  })
  others.silent = 1
  const own = { instance: 'own', ...NOTHING_HELD }
  expect(await stateOf('a')).toEqual({
    instance: 'own',
    ranges: [...one.ranges, ...two.ranges],
    waiters: 5,
    idsPerSecond: 3.5,
    // Then the first of them has nothing left.
    secondsLeft: 4,
    lastLease: latest,
    lastError: 'STORE_UNAVAILABLE',
    worker: undefined,
    instances: [own, one, two],
    silentInstances: 1,
  })
})

test('of a tag that does not exist nobody else is asked', async () => {
  await expect(stateOf('unknown')).rejects.toMatchObject({ code: 'TAG_NOT_FOUND' })
  await expect(stateOf('?')).rejects.toMatchObject({ code: 'TAG_INVALID' })
  expect(others.asked).toEqual([])
})
