/** What is held of a tag, and what is asked of it. */
export interface HeldLevel {
  /** How many ids are held. */
  readonly ready: number
  /** How many are waited for; while there are any, none is held. */
  readonly waiting: number
  /** Ids asked for per second, as measured. */
  readonly perSecond: number
  /** How many may be held. */
  readonly heldMax: number
}

export interface Refill {
  /** How many ids to ask for now; 0 for none. */
  readonly lease: number
  /** Look again when so many more have left. */
  readonly reviewAfter: number
}

/** Before the rate is known. */
export const FIRST_LEASE = 100

/** So long the ids that are held last at the measured rate, if that many may be held. */
const LASTS_S = 120

/** Fills up to what is to be held when half of that is gone, so that a lease has the time of the other half. */
export function refillOf({ ready, waiting, perSecond, heldMax }: HeldLevel): Refill {
  const full = Math.min(heldMax, Math.max(FIRST_LEASE, Math.ceil(perSecond * LASTS_S)))
  const half = Math.floor(full / 2)
  if (ready > half) return { lease: 0, reviewAfter: ready - half }
  return { lease: waiting + full - ready, reviewAfter: Math.max(1, ready) }
}
