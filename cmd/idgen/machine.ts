import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Logger } from '../../internal/telemetry/logger.ts'
import type { Random } from '../../pkg/async/backoff.ts'
import type { Clock } from '../../pkg/clock/clock.ts'
import { SystemClock } from '../../pkg/clock/system-clock.ts'

/** What the service gets from the machine it runs on. */
export interface Machine {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** The name of this instance; no other process, before or after, has it. */
  readonly instance: string
  /** Where the instance runs, for people. */
  readonly address: string
  /** The number of its process among those of the service, from 1 up. */
  readonly process: number
}

/** This machine, with an instance name that is new each time. */
export function thisMachine(logger: Logger, number = 1): Machine {
  return {
    clock: new SystemClock(),
    random: Math.random,
    logger,
    instance: randomUUID(),
    address: hostname(),
    process: number,
  }
}
