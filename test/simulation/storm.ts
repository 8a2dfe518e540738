import type { Clock } from '../../pkg/clock/clock.ts'
import type { Dice } from './dice.ts'

interface Storm {
  /** The true time. */
  readonly time: Clock
  readonly dice: Dice
  readonly isStormy: boolean
}

/** Lets something happen again and again, so often on average, until the storm is over. */
export function every(storm: Storm, gapMs: number, happen: () => void): void {
  storm.time.after(storm.dice.gap(gapMs), () => {
    if (!storm.isStormy) return
    happen()
    every(storm, gapMs, happen)
  })
}
