import { WorkLoop } from '../../pkg/async/work-loop.ts'
import { ManualClock, settled } from './manual-clock.ts'

export type End = 'more' | 'done' | 'failed'

/**
 * A loop whose pieces of work end when the test says so. A retry comes half of the back-off later.
 */
export class Workshop {
  readonly clock = new ManualClock()
  readonly loop: WorkLoop
  /** How many pieces have begun. */
  begun = 0
  /** How many are under way. */
  underWay = 0
  /** How many were ever under way at once. */
  mostUnderWay = 0
  backoffMaxMs = 200
  #end: (end: End) => void = () => {}

  constructor() {
    this.loop = new WorkLoop({
      work: () => this.#work(),
      backoffMaxMs: () => this.backoffMaxMs,
      clock: this.clock,
      random: () => 0.5,
    })
  }

  /** Ends the piece under way, without waiting for what follows from that. */
  end(end: End): void {
    this.#end(end)
  }

  async endAndSettle(end: End): Promise<void> {
    this.end(end)
    await settled()
  }

  async #work(): Promise<boolean> {
    this.begun += 1
    this.underWay += 1
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay)
    const end = await new Promise<End>((resolve) => {
      this.#end = resolve
    })
    this.underWay -= 1
    if (end === 'failed') throw new Error('The work failed.')
    return end === 'more'
  }
}
