import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { settled } from '../../test/support/manual-clock.ts'
import { type End, Workshop } from '../../test/support/workshop.ts'

test('in any mixture one piece runs at a time, and one follows every start', async () => {
  const action = fc.oneof(
    fc.constantFrom('start', 'hurry', 'microtask', 'settle', 'advance'),
    fc.constantFrom<End>('more', 'done', 'failed'),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
      const shop = new Workshop()
      // How many pieces had begun when `start` was called last.
      let begunAtStart = -1
      for (const action of actions) {
        if (action === 'start') {
          begunAtStart = shop.begun
          shop.loop.start()
        } else if (action === 'hurry') shop.loop.hurry()
        else if (action === 'microtask') await Promise.resolve()
        else if (action === 'settle') await settled()
        else if (action === 'advance') await shop.clock.advance(60)
        else shop.end(action)
      }
      for (let n = 0; n < 3; n++) {
        await shop.clock.advance(200)
        shop.end('done')
        await settled()
      }
      expect(shop.begun).toBeGreaterThan(begunAtStart)
      expect(shop.mostUnderWay).toBeLessThanOrEqual(1)
      expect(shop.loop.isRunning).toBe(false)
      expect(shop.clock.pending).toBe(0)
    }),
  )
})
