import { CallMeter } from './call-meter.ts'
import { CodeCounts } from './code-counts.ts'

/** What is counted of the calls of one transport. */
export class CallMeters {
  /** Failures of calls, those inside a stream included. */
  readonly refusals = new CodeCounts()
  readonly #statusMax: number
  readonly #meters: CallMeter[] = []

  /** @param statusMax The highest status with which a call can end. */
  constructor(statusMax: number) {
    this.#statusMax = statusMax
  }

  /** The meter of one thing that can be called. */
  add(labels: Readonly<Record<string, string>>): CallMeter {
    const meter = new CallMeter(labels, this.#statusMax)
    this.#meters.push(meter)
    return meter
  }

  get all(): readonly CallMeter[] {
    return this.#meters
  }
}
