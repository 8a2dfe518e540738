import type { Clock } from '../../../pkg/clock/clock.ts'
import { clockOff } from '../../../pkg/errors/failures.ts'
import type { PoolSurvey } from './worker-repository.ts'

/** A host whose clock is further off the database's gets no lease. */
export const SKEW_MAX_MS = 2000

const RETRY_AFTER_MS = 500

/**
 * What a survey says, if this host's clock agrees with the database's.
 *
 * @throws GolovesError WORKER_LEASE_LOST if it does not.
 */
export async function trustedSurvey(
  clock: Clock,
  ask: () => Promise<PoolSurvey>,
): Promise<PoolSurvey> {
  const sentMs = clock.monotonicMs()
  const survey = await ask()
  // The database looked at its clock at some moment of the round trip, so the true difference lies
  // within half of the trip of this one.
  const halfTripMs = (clock.monotonicMs() - sentMs) / 2
  const aheadMs = clock.nowMs() - halfTripMs - survey.nowMs
  if (Math.abs(aheadMs) + halfTripMs <= SKEW_MAX_MS) return survey
  throw clockOff(aheadMs, RETRY_AFTER_MS)
}
