import { describe, expect, test } from '@jest/globals'
import { ManualClock, settled } from '../../test/support/manual-clock.ts'
import { type End, Workshop } from '../../test/support/workshop.ts'
import { WorkLoop } from './work-loop.ts'

/** Calls `then` after so many microtasks. */
function afterMicrotasks(count: number, then: () => void): void {
  if (count === 0) then()
  else queueMicrotask(() => afterMicrotasks(count - 1, then))
}

const OFFSETS = [0, 1, 2, 3, 4, 5, 6, 7, 8]

describe('start', () => {
  test('begins the first piece before it returns', () => {
    const shop = new Workshop()
    expect(shop.loop.isRunning).toBe(false)
    shop.loop.start()
    expect(shop.begun).toBe(1)
    expect(shop.loop.isRunning).toBe(true)
  })

  test('goes on for as long as there is more to do, then rests', async () => {
    const shop = new Workshop()
    shop.loop.start()
    await shop.endAndSettle('more')
    await shop.endAndSettle('more')
    expect(shop.begun).toBe(3)
    await shop.endAndSettle('done')
    expect(shop.begun).toBe(3)
    expect(shop.loop.isRunning).toBe(false)
  })

  test('during a piece leads to one more behind it, however often it is called', async () => {
    const shop = new Workshop()
    for (let n = 0; n < 5; n++) shop.loop.start()
    expect(shop.begun).toBe(1)
    await shop.endAndSettle('done')
    expect(shop.begun).toBe(2)
    await shop.endAndSettle('done')
    expect(shop.begun).toBe(2)
  })

  test('from inside the work leads to one more piece', async () => {
    let begun = 0
    const loop: WorkLoop = new WorkLoop({
      work: async () => {
        begun += 1
        if (begun < 3) loop.start()
        return false
      },
      backoffMaxMs: () => 0,
      clock: new ManualClock(),
      random: () => 0,
    })
    loop.start()
    await settled()
    expect(begun).toBe(3)
    expect(loop.isRunning).toBe(false)
  })
})

describe('a start that comes as the last piece is about to end is not lost', () => {
  test.each(OFFSETS)('%s microtasks after the end', async (offset) => {
    const shop = new Workshop()
    shop.loop.start()
    shop.end('done')
    afterMicrotasks(offset, () => shop.loop.start())
    await settled()
    expect(shop).toMatchObject({ begun: 2, underWay: 1 })
    await shop.endAndSettle('done')
    expect(shop).toMatchObject({ begun: 2, underWay: 0 })
  })

  test.each(OFFSETS)('%s microtasks after a piece that was done at once', async (offset) => {
    let begun = 0
    const loop = new WorkLoop({
      work: async () => {
        begun += 1
        return false
      },
      backoffMaxMs: () => 0,
      clock: new ManualClock(),
      random: () => 0,
    })
    loop.start()
    afterMicrotasks(offset, () => loop.start())
    await settled()
    expect(begun).toBe(2)
    expect(loop.isRunning).toBe(false)
  })
})

describe('after a failure', () => {
  test('the next try comes when the back-off is over', async () => {
    const shop = new Workshop()
    shop.loop.start()
    await shop.endAndSettle('failed')
    expect(shop.loop).toMatchObject({ failures: 1, isRunning: true })
    await shop.clock.advance(24.9)
    expect(shop.begun).toBe(1)
    await shop.clock.advance(0.1)
    expect(shop.begun).toBe(2)
  })

  test('the back-off doubles up to its cap, and a success resets it', async () => {
    const shop = new Workshop()
    shop.loop.start()
    for (const waitMs of [25, 50, 100, 100]) {
      await failAndWaitFor(shop, waitMs)
    }
    expect(shop.loop.failures).toBe(4)
    await shop.endAndSettle('more')
    expect(shop.loop.failures).toBe(0)
    await failAndWaitFor(shop, 25)
  })

  test('the cap is asked for anew each time', async () => {
    const shop = new Workshop()
    shop.loop.start()
    await failAndWaitFor(shop, 25)
    shop.backoffMaxMs = 10
    await failAndWaitFor(shop, 5)
  })

  test('work that throws before it returns a promise is tried again too', async () => {
    const clock = new ManualClock()
    let begun = 0
    const work = (): Promise<boolean> => {
      begun += 1
      if (begun === 1) throw new Error('The work failed.')
      return Promise.resolve(false)
    }
    const loop = new WorkLoop({ work, backoffMaxMs: () => 10, clock, random: () => 0.5 })
    loop.start()
    await clock.advance(5)
    expect(begun).toBe(2)
    expect(loop).toMatchObject({ failures: 0, isRunning: false })
  })

  test.each(OFFSETS)(
    'a start %s microtasks later neither hurries nor doubles it',
    async (offset) => {
      const shop = new Workshop()
      shop.loop.start()
      shop.end('failed')
      afterMicrotasks(offset, () => shop.loop.start())
      await settled()
      expect(shop.begun).toBe(1)
      expect(shop.clock.pending).toBe(1)
      await shop.clock.advance(25)
      expect(shop.begun).toBe(2)
      await shop.endAndSettle('done')
      expect(shop.begun).toBe(2)
    },
  )
})

describe('hurry', () => {
  test('cuts short the wait, and leaves no timer behind', async () => {
    const shop = new Workshop()
    shop.loop.start()
    await shop.endAndSettle('failed')
    expect(shop.clock.pending).toBe(1)
    shop.backoffMaxMs = 100
    shop.loop.hurry()
    shop.loop.hurry()
    await settled()
    expect(shop.begun).toBe(2)
    expect(shop.clock.pending).toBe(0)
  })

  test('is about one wait: the next one lasts as long as it should', async () => {
    const shop = new Workshop()
    shop.loop.start()
    await shop.endAndSettle('failed')
    shop.backoffMaxMs = 100
    shop.loop.hurry()
    await settled()
    await failAndWaitFor(shop, 50)
  })

  test('does nothing while the bound of the wait is what it was', async () => {
    const shop = new Workshop()
    shop.loop.start()
    await shop.endAndSettle('failed')
    shop.loop.hurry()
    await settled()
    expect(shop.begun).toBe(1)
    await shop.clock.advance(25)
    expect(shop.begun).toBe(2)
  })

  test('does nothing at rest, during work, or after a wait that is over', async () => {
    const shop = new Workshop()
    shop.loop.hurry()
    expect(shop.begun).toBe(0)
    shop.loop.start()
    shop.loop.hurry()
    await failAndWaitFor(shop, 25)
    shop.loop.hurry()
    await settled()
    expect(shop.begun).toBe(2)
    await failAndWaitFor(shop, 50)
  })
})

describe('stop', () => {
  test('at rest: no later start begins anything', async () => {
    const shop = new Workshop()
    shop.loop.stop()
    shop.loop.start()
    await settled()
    expect(shop.begun).toBe(0)
    expect(shop.loop.isRunning).toBe(false)
  })

  test.each<End>(['more', 'done', 'failed'])(
    'during a piece that ends as "%s": it is the last one, and nobody waits',
    async (end) => {
      const shop = new Workshop()
      shop.loop.start()
      shop.loop.start()
      shop.loop.stop()
      expect(shop.underWay).toBe(1)
      await shop.endAndSettle(end)
      expect(shop.loop.isRunning).toBe(false)
      expect(shop.clock.pending).toBe(0)
      shop.loop.start()
      expect(shop.begun).toBe(1)
    },
  )

  test('during a wait: the wait ends, and no piece follows', async () => {
    const shop = new Workshop()
    shop.loop.start()
    await shop.endAndSettle('failed')
    shop.loop.stop()
    expect(shop.clock.pending).toBe(0)
    await settled()
    expect(shop.loop.isRunning).toBe(false)
    expect(shop.begun).toBe(1)
  })

  test.each(OFFSETS)('%s microtasks after a failure: nobody waits', async (offset) => {
    const shop = new Workshop()
    shop.loop.start()
    shop.end('failed')
    afterMicrotasks(offset, () => shop.loop.stop())
    await settled()
    expect(shop.clock.pending).toBe(0)
    expect(shop.loop.isRunning).toBe(false)
    expect(shop.begun).toBe(1)
  })
})

/** Fails the piece under way: the next one begins after exactly so long. */
async function failAndWaitFor(shop: Workshop, waitMs: number): Promise<void> {
  const { begun } = shop
  await shop.endAndSettle('failed')
  await shop.clock.advance(waitMs - 0.1)
  expect(shop.begun).toBe(begun)
  await shop.clock.advance(0.1)
  expect(shop.begun).toBe(begun + 1)
}
