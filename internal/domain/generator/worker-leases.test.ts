import { describe, expect, test } from '@jest/globals'
import { settled } from '../../../test/support/manual-clock.ts'
import { SnowflakeRig } from '../../../test/support/snowflake-rig.ts'
import { SnowflakeLayout } from '../entity/snowflake-layout.ts'

/** A layout that no other number makes. */
function layoutOf(epochMs: number): SnowflakeLayout {
  return SnowflakeLayout.parse(`time:41,worker:10,sequence:12,unit:1,epoch:${epochMs}`)
}

describe('the worker ids of a process', () => {
  test('are one for each layout, however its name was spelt', async () => {
    const { leases, workers, layout } = await SnowflakeRig.holding()
    const spelt = SnowflakeLayout.parse('time:41,worker:10,sequence:12,unit:1,epoch:1288834974657')
    expect(leases.of(layout)).toBe(leases.of(spelt))
    expect(leases.of(layoutOf(7))).not.toBe(leases.of(layout))
    await settled()
    expect(workers.surveys.calls).toBe(2)
  })

  test('are claimed of a hundred layouts, and of no more', async () => {
    const { leases, workers } = await SnowflakeRig.holding()
    for (let epochMs = 1; epochMs < 100; epochMs++) leases.of(layoutOf(epochMs))
    expect(() => leases.of(layoutOf(100))).toThrow(expect.objectContaining({ code: 'OVERLOADED' }))
    expect(leases.of(layoutOf(99)).layout).toEqual(layoutOf(99))
    expect(workers.surveys.calls).toBe(100)
  })

  test('are refused where the settings fix one that the layout does not have, the store not asked', async () => {
    const { leases, workers } = await SnowflakeRig.holding({ fixedWorker: 1023 })
    const small = leases.of(SnowflakeLayout.parse('js-safe'))
    await settled()
    expect(() => small.grantAt(1)).toThrow(
      expect.objectContaining({
        code: 'WORKER_POOL_EXHAUSTED',
        message: 'The settings fix worker id 1023; layout js-safe has those from 0 to 7.',
        metadata: { pool: 'js-safe', worker: '1023' },
      }),
    )
    expect(workers.surveys.calls).toBe(1)
    expect(leases.of(SnowflakeLayout.parse('sonyflake')).layout.name).toBe('sonyflake')
  })

  test('are all given back, also when one of them can not be', async () => {
    const { leases, workers, tables, clock } = await SnowflakeRig.holding({ isNew: true })
    leases.of(SnowflakeLayout.parse('sonyflake'))
    await clock.advance(35_000)
    const owners = () =>
      [...tables.rows.values()].map(({ rows }) => rows.get(0)?.owner === undefined)
    expect(owners()).toEqual([false, false])
    workers.releases.before = () => {
      if (workers.releases.calls === 1) throw new Error('a mistake of ours')
    }
    await leases.release()
    expect(owners()).toEqual([false, true])
    expect(clock.pending).toBe(0)
  })
})
