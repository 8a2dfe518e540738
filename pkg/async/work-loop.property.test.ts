import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { ManualClock, settled } from '../../test/support/manual-clock.ts'
import { WorkLoop } from './work-loop.ts'

type End = 'more' | 'done' | 'failed'

/**
 * A loop whose pieces of work end when the test says so. A retry comes half of the back-off later.
 */
class Workshop {
  readonly clock = new ManualClock()
  readonly loop: WorkLoop
  /** How many pieces have begun. */
  begun = 0
  /** How many were ever under way at once. */
  mostUnderWay = 0
  #underWay = 0
  #end: (end: End) => void = () => {}

  constructor() {
    this.loop = new WorkLoop({
      work: () => this.#work(),
      backoffMaxMs: () => 200,
      clock: this.clock,
      random: () => 0.5,
    })
  }

  end(end: End): void {
    this.#end(end)
  }

  async #work(): Promise<boolean> {
    this.begun += 1
    this.#underWay += 1
    this.mostUnderWay = Math.max(this.mostUnderWay, this.#underWay)
    const end = await new Promise<End>((resolve) => {
      this.#end = resolve
    })
    this.#underWay -= 1
    if (end === 'failed') throw new Error('The work failed.')
    return end === 'more'
  }
}

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
