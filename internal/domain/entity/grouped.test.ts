import { describe, expect, test } from '@jest/globals'
import { type Group, NEVER_GROUPED, sameGroup } from './grouped.ts'

const january: Group = { by: 'month', key: '2026-01' }
const february: Group = { by: 'month', key: '2026-02' }

describe('sameGroup', () => {
  test.each<[string, Group, Group, boolean]>([
    ['two that are never grouped', NEVER_GROUPED, { by: 'never', key: '' }, true],
    ['two of one month', january, { ...january }, true],
    ['two months', january, february, false],
    ['a month and never', january, NEVER_GROUPED, false],
    ['one key under two kinds', { by: 'month', key: '2026' }, { by: 'year', key: '2026' }, false],
  ])('%s', (_, one, other, same) => {
    expect(sameGroup({ group: one }, { group: other })).toBe(same)
    expect(sameGroup({ group: other }, { group: one })).toBe(same)
  })
})
