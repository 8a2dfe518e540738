import { expect, test } from '@jest/globals'
import type { Readiness } from '../../internal/delivery/http/probe-routes.ts'
import { type Condition, readinessOf } from './phase.ts'

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
