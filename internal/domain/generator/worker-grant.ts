import type { WorkerHolder, WorkerReach } from './worker-repository.ts'

/** How far a question reaches, if it is answered with yes. */
export interface Reach extends WorkerReach {
  /** On the monotonic clock. */
  readonly endMs: number
}

/** The right to one worker id under one epoch. */
export interface WorkerGrant {
  readonly worker: number
  /** The first tick that may be used: above all that earlier holders, and this process, have used. */
  readonly floor: number
}

/** What a lease knows of its grant. */
export interface HeldGrant extends WorkerGrant {
  readonly holder: WorkerHolder
  /** The last tick that may be used: what the store has acknowledged, and no more. */
  reserved: number
  /** Until when the lease lasts, on the monotonic clock, counted from before the question was sent. */
  endMs: number
  /** The highest tick used under this grant; below `floor` if none was. */
  lastTick: number
}
