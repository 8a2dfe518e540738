import { describe, expect, test } from '@jest/globals'
import { ManualClock, settled } from './manual-clock.ts'

test('it stands still until it is moved', async () => {
  const clock = new ManualClock(1_000)
  expect([clock.nowMs(), clock.monotonicMs()]).toEqual([1_000, 0])
  await settled()
  expect([clock.nowMs(), clock.monotonicMs()]).toEqual([1_000, 0])
  await clock.advance(250)
  expect([clock.nowMs(), clock.monotonicMs()]).toEqual([1_250, 250])
})

test('a step of the wall clock leaves the monotonic one and the timers alone', async () => {
  const clock = new ManualClock(1_000)
  const fired = firings(clock)
  fired.after(100, 'a')
  clock.stepWall(-500)
  expect([clock.nowMs(), clock.monotonicMs()]).toEqual([500, 0])
  await clock.advance(100)
  expect([clock.nowMs(), clock.monotonicMs()]).toEqual([600, 100])
  expect(fired.log).toEqual(['a at 100'])
})

describe('timers', () => {
  test('fire in order of time, then of their making, each at its own time', async () => {
    const clock = new ManualClock()
    const fired = firings(clock)
    fired.after(20, 'c')
    fired.after(10, 'a')
    fired.after(10, 'b')
    await clock.advance(30)
    expect(fired.log).toEqual(['a at 10', 'b at 10', 'c at 20'])
    expect(clock.monotonicMs()).toBe(30)
  })

  test('do not fire before their time, nor twice', async () => {
    const clock = new ManualClock()
    const fired = firings(clock)
    fired.after(10, 'a')
    await clock.advance(9)
    expect(fired.log).toEqual([])
    expect(clock.pending).toBe(1)
    await clock.advance(1)
    await clock.advance(100)
    expect(fired.log).toEqual(['a at 10'])
    expect(clock.pending).toBe(0)
  })

  test('that are called off do not fire, not even in the turn of another', async () => {
    const clock = new ManualClock()
    const fired = firings(clock)
    const callOff = fired.after(10, 'a')
    clock.after(10, () => callOffLater())
    const callOffLater = fired.after(10, 'b')
    callOff()
    callOff()
    expect(clock.pending).toBe(2)
    await clock.advance(10)
    expect(fired.log).toEqual([])
    expect(clock.pending).toBe(0)
  })

  test('that fire are not set any more: to call one off then takes no other with it', async () => {
    const clock = new ManualClock()
    const fired = firings(clock)
    const callOff = clock.after(10, () => callOff())
    fired.after(20, 'next')
    await clock.advance(20)
    expect(fired.log).toEqual(['next at 20'])
  })

  test('that a timer sets fire on the same way, if they fall due', async () => {
    const clock = new ManualClock()
    const fired = firings(clock)
    clock.after(10, () => {
      fired.after(5, 'due')
      fired.after(50, 'not due')
    })
    await clock.advance(20)
    expect(fired.log).toEqual(['due at 15'])
  })

  test('that promises set between two timers fire on the same way too', async () => {
    const clock = new ManualClock()
    const slept: number[] = []
    const sleeper = async () => {
      for (let n = 0; n < 3; n++) {
        await clock.sleep(10)
        slept.push(clock.monotonicMs())
      }
    }
    const end = sleeper()
    await clock.advance(30)
    expect(slept).toEqual([10, 20, 30])
    await end
  })

  test('that fall due in a pause fire after it, in their order, and those they set after them', async () => {
    const clock = new ManualClock()
    const fired = firings(clock)
    clock.after(10, () => fired.after(5, 'c'))
    fired.after(30, 'b')
    fired.after(20, 'a')
    clock.pause(100)
    expect([clock.monotonicMs(), clock.pending]).toEqual([100, 3])
    await clock.advance(5)
    expect(fired.log).toEqual(['a at 100', 'b at 100', 'c at 105'])
    expect(clock.monotonicMs()).toBe(105)
  })

  test('of a time that has passed fire at the next move, however small', async () => {
    const clock = new ManualClock()
    await clock.advance(100)
    const fired = firings(clock)
    fired.after(-5, 'late')
    fired.after(0, 'now')
    expect(fired.log).toEqual([])
    await clock.advance(0)
    expect(fired.log).toEqual(['late at 100', 'now at 100'])
  })
})

/** Sets timers that write down when they fire. */
function firings(clock: ManualClock) {
  const log: string[] = []
  const after = (ms: number, name: string) =>
    clock.after(ms, () => log.push(`${name} at ${clock.monotonicMs()}`))
  return { log, after }
}
