import { expect, test } from '@jest/globals'
import type { Readiness } from '../../internal/delivery/http/probe-routes.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { RegistryRig } from '../../test/support/registry-rig.ts'
import { ProcessPeers } from './cluster/peers.ts'
import { Switchboard } from './cluster/switchboard.ts'
import { type Condition, Phase, readinessOf } from './phase.ts'

const STARTING: Condition = { stage: 'starting', hasProspects: true }
const SERVING: Condition = { stage: 'serving', hasProspects: true }
const DRY: Condition = { stage: 'serving', hasProspects: false }
const DRAINING: Condition = { stage: 'draining', hasProspects: true }

const NOT_SEEN = 'The store was not seen yet.'
const DRAINS = 'This instance is shutting down.'

test.each<[string, Condition[], Readiness]>([
  ['one serves', [SERVING], { ready: true }],
  ['all serve', [SERVING, SERVING], { ready: true }],
  ['one has no ids left, another has', [DRY, SERVING], { ready: true }],
  [
    'none has ids left',
    [DRY, DRY],
    { ready: false, reason: 'The store does not answer and no ids are left.' },
  ],
  ['one has not seen the store', [SERVING, STARTING], { ready: false, reason: NOT_SEEN }],
  ['one drains', [SERVING, DRAINING], { ready: false, reason: DRAINS }],
  ['one drains, one has not seen it', [STARTING, DRAINING], { ready: false, reason: DRAINS }],
])('%s', (_, conditions, readiness) => {
  expect(readinessOf(conditions)).toEqual(readiness)
  expect(readinessOf(conditions.toReversed())).toEqual(readiness)
})

/** The phases of two processes that can ask each other. */
function twoPhases(): [Phase, Phase] {
  const switchboard = new Switchboard()
  const phaseOf = (id: number) => {
    const peers = new ProcessPeers((message) => {
      if (message.kind === 'ask') switchboard.ask(id, message)
      if (message.kind === 'answer') switchboard.answer(id, message)
    }, new ManualClock())
    switchboard.connect(id, (message) => peers.hear(message))
    switchboard.include(id)
    return new Phase(new RegistryRig().registry, peers)
  }
  return [phaseOf(1), phaseOf(2)]
}

test('each of several processes says whether all of them together are ready', async () => {
  const [one, other] = twoPhases()
  one.serve()
  expect(one.ownReadiness).toEqual({ ready: true })
  expect(await one.readiness()).toEqual({ ready: false, reason: NOT_SEEN })
  expect(await other.readiness()).toEqual({ ready: false, reason: NOT_SEEN })
  other.serve()
  expect(await one.readiness()).toEqual({ ready: true })
  expect(await other.readiness()).toEqual({ ready: true })
  one.drain()
  expect(await other.readiness()).toEqual({ ready: false, reason: DRAINS })
  expect(await one.readiness()).toEqual({ ready: false, reason: DRAINS })
})
