import type { IdRange } from '../../internal/domain/entity/id-range.ts'
import type { IdGenerator } from '../../internal/domain/generator/id-generator.ts'
import { type ManualClock, settled } from './manual-clock.ts'
import { Answer, TestCaller } from './test-caller.ts'

/** A generator that is called, on a clock that the test moves. */
export abstract class CallingRig {
  abstract readonly clock: ManualClock
  abstract readonly generator: IdGenerator

  next(caller = new TestCaller(this.clock)): Answer<bigint> {
    return new Answer<bigint>(() => this.generator.next(caller))
  }

  take(count: number, caller = new TestCaller(this.clock)): Answer<readonly IdRange[]> {
    return new Answer<readonly IdRange[]>(() => this.generator.take(count, caller))
  }

  /** What a call comes to that needs no time. */
  async nextNow(): Promise<bigint | string> {
    const answer = this.next()
    await settled()
    return answer.is
  }
}
