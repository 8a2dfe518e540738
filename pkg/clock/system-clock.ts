import { afterTurn } from '../async/after-turn.ts'
import { Clock } from './clock.ts'

/** The machine's own clocks. */
export class SystemClock extends Clock {
  nowMs(): number {
    return Date.now()
  }

  monotonicMs(): number {
    return performance.now()
  }

  after(ms: number, wake: () => void): () => void {
    const timer = setTimeout(wake, ms)
    return () => clearTimeout(timer)
  }

  override nextTurn(): Promise<void> {
    return new Promise(afterTurn)
  }
}
