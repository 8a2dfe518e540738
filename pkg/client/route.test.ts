import { describe, expect, test } from '@jest/globals'
import { ManualClock, settled } from '../../test/support/manual-clock.ts'
import { ScriptedTransport } from '../../test/support/scripted-transport.ts'
import { Route } from './route.ts'

const DEAD = new Error('connect ECONNREFUSED')

class RouteRig {
  readonly clock = new ManualClock()
  readonly transport = new ScriptedTransport()
  readonly route = new Route({
    transport: this.transport,
    clock: this.clock,
    random: () => 0.5,
  })

  rest(beganMs = this.clock.monotonicMs()): void {
    this.route.rest(DEAD, beganMs)
  }

  get probes(): number {
    return this.transport.attempts.length
  }
}

test('a route is fit until its instance was not reached', () => {
  const rig = new RouteRig()
  expect(rig.route.isFit()).toBe(true)
  rig.rest()
  expect(rig.route.isFit()).toBe(false)
  expect(rig.route.cause).toBe(DEAD)
  expect(rig.probes).toBe(0)
})

describe('a route that rests', () => {
  test('is probed when it had its rest and somebody asks, once at a time', async () => {
    const rig = new RouteRig()
    rig.rest()
    await rig.clock.advance(49)
    rig.route.isFit()
    expect(rig.probes).toBe(0)
    await rig.clock.advance(1)
    expect(rig.probes).toBe(0)
    expect([rig.route.isFit(), rig.route.isFit()]).toEqual([false, false])
    expect(rig.probes).toBe(1)
  })

  test('is fit once the probe reached its instance', async () => {
    const rig = new RouteRig()
    rig.rest()
    await rig.clock.advance(50)
    rig.route.isFit()
    rig.transport.open[0]?.succeed()
    await settled()
    expect(rig.route.isFit()).toBe(true)
    expect(rig.clock.pending).toBe(0)
  })

  test.each([
    ['fails', 0],
    ['is not answered', 1000],
  ])('rests longer if the probe %s, up to a second', async (_, tookMs) => {
    const rig = new RouteRig()
    rig.rest()
    const rests: number[] = []
    for (let ms = 0; rests.length < 6; ms++) {
      rig.route.isFit()
      if (rig.transport.open.length > 0) {
        rests.push(ms)
        if (tookMs > 0) await rig.clock.advance(tookMs)
        else rig.transport.open[0]?.fail(DEAD)
        await settled()
        ms = 0
      }
      await rig.clock.advance(1)
    }
    expect(rests).toEqual([50, 100, 200, 400, 500, 500])
  })

  test('is not tired more by all those who were under way when it fell silent', async () => {
    const rig = new RouteRig()
    const beganMs = rig.clock.monotonicMs()
    await rig.clock.advance(10)
    rig.rest(beganMs)
    for (let call = 0; call < 100; call++) rig.rest(beganMs)
    await rig.clock.advance(50)
    rig.route.isFit()
    rig.transport.open[0]?.succeed()
    await settled()
    rig.rest(beganMs)
    expect(rig.route.isFit()).toBe(true)
  })

  test('is probed no more once it is closed', async () => {
    const rig = new RouteRig()
    rig.rest()
    await rig.clock.advance(50)
    rig.route.isFit()
    rig.route.close()
    await settled()
    expect(rig.transport).toMatchObject({ open: [], isClosed: true })
    expect(rig.clock.pending).toBe(0)
    await rig.clock.advance(5000)
    expect(rig.route.isFit()).toBe(false)
    expect(rig.probes).toBe(1)
  })
})
