import type { Findings } from './findings.ts'
import type { Instance } from './instance.ts'
import type { Tally } from './tally.ts'

/** All there is, of one kind. */
export interface World {
  readonly faults: Tally
  readonly findings: Findings
  /** Whether things go wrong at present. */
  isStormy: boolean
  /** Whether callers come at present. */
  isOpen: boolean
  /** How many ids were given. */
  readonly ids: number
  /** The instances that there are at present. */
  readonly instances: readonly Instance[]
  /** So long after the storm all is well again, in milliseconds. */
  readonly calmMs: number

  /** The storm rises: from now on something goes wrong now and then, until it is over. */
  begin(): void
  /** Sets everything right. */
  calmDown(): void
  /** Notes who did not give ids since then, of the true time, though it could have. */
  findIdle(sinceMs: number): void
  /** Notes what the whole story has shown. */
  end(): void
}
