import { describe, expect, test } from '@jest/globals'
import { idsIn, rangesOf } from '../../../test/support/snowflake-ids.ts'
import { SnowflakeRig } from '../../../test/support/snowflake-rig.ts'
import { TestCaller } from '../../../test/support/test-caller.ts'
import { SnowflakeLayout } from '../entity/snowflake-layout.ts'
import { MAX_ID } from '../entity/tag.ts'

const HOUR_MS = 3_600_000
const START_MS = Date.UTC(2026, 10, 21)

/** What a call that needs no time is refused with. */
function refusalOf(rig: SnowflakeRig): unknown {
  try {
    return rig.generator.next(new TestCaller(rig.clock))
  } catch (thrown) {
    return thrown
  }
}

describe('before the epoch of a layout', () => {
  const layout = `time:41,worker:10,sequence:12,unit:1,epoch:${START_MS}`

  test('there are no ids, and callers are told when', async () => {
    const rig = await SnowflakeRig.holding({ layout, startMs: START_MS - 5_000 })
    expect(refusalOf(rig)).toMatchObject({ code: 'CLOCK_MOVED_BACKWARDS', retryAfterMs: 5_001 })
    await rig.clock.advance(5_001)
    expect(rig.layout.unpack(BigInt(await rig.nextNow()))).toEqual({
      tick: 1,
      worker: 0,
      sequence: 0,
    })
  })

  test('or in its tick 0, callers wait, and the first id is not 0', async () => {
    const rig = await SnowflakeRig.holding({ layout, startMs: START_MS - 3 })
    const answer = rig.next()
    await rig.clock.advance(3.9)
    expect(answer.is).toBe('waits')
    await rig.clock.advance(0.1)
    expect(answer.is).toBe(rig.layout.pack({ tick: 1, worker: 0, sequence: 0 }))
  })
})

describe('at the end of a layout', () => {
  // 63 bits, so that whatever comes after the last id would be negative.
  const layout = 'time:42,worker:10,sequence:11,unit:1,epoch:0'
  const { lastMs } = SnowflakeLayout.parse(layout)

  test('the last id is the highest there is, and then there are none, neither now nor later', async () => {
    const rig = await SnowflakeRig.holding({ layout, startMs: lastMs - 1, fixedWorker: 1023 })
    const [many, one] = [rig.take(4_095), rig.next()]
    await rig.clock.advance(1)
    const ids = [...idsIn(rangesOf(many)), BigInt(one.is)]
    expect(new Set(ids).size).toBe(4_096)
    expect(ids.filter((id) => id > MAX_ID || id <= MAX_ID - 2n ** 22n)).toEqual([])
    expect(rangesOf(many).at(-1)?.last).toBe(MAX_ID)
    const late = [rig.next(), rig.take(5)]
    await rig.clock.advance(1)
    expect(late.map(({ is }) => is)).toEqual(['LAYOUT_ENDED', 'LAYOUT_ENDED'])
    expect(refusalOf(rig)).toMatchObject({
      code: 'LAYOUT_ENDED',
      metadata: { layout, end: new Date(lastMs).toISOString() },
    })
    await rig.clock.advance(HOUR_MS)
    expect(refusalOf(rig)).toMatchObject({ code: 'LAYOUT_ENDED' })
    expect([rig.generator.hasIds, rig.generator.isIdle]).toEqual([false, true])
  })

  test('a clock that was too far and comes back finds its ids again', async () => {
    const rig = await SnowflakeRig.holding({ layout, startMs: lastMs - 1_000 })
    await rig.nextNow()
    rig.clock.stepWall(1_001)
    expect(await rig.nextNow()).toBe('LAYOUT_ENDED')
    rig.clock.stepWall(-1_000)
    expect(rig.layout.unpack(BigInt(await rig.nextNow())).tick).toBe(rig.now)
  })
})
