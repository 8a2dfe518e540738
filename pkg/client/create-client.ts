import { SystemClock } from '../clock/system-clock.ts'
import type { ClientOptions, LeaseOptions } from './client-options.ts'
import { settingsOf } from './client-settings.ts'
import { DirectClient } from './direct.ts'
import type { IdClient, LeaseIdClient } from './id-client.ts'
import { LeaseClient } from './lease.ts'
import { MergeClient } from './merge.ts'
import { routesTo } from './routes.ts'
import { Service } from './service.ts'

export type { ErrorCode } from '../errors/error-code.ts'
export { GolovesError } from '../errors/goloves-error.ts'
export type { ClientOptions, LeaseOptions, Target } from './client-options.ts'
export type { Closed, DecodedId, IdClient, IdRange, LeaseIdClient } from './id-client.ts'
export { idsIn } from './id-client.ts'

/**
 * A client of the service. Nothing is sent before the first question.
 *
 * @throws RangeError that names the option that is wrong.
 */
export function createClient(options: LeaseOptions): LeaseIdClient
export function createClient(options: ClientOptions): IdClient
export function createClient(options: ClientOptions | LeaseOptions): IdClient {
  const { targets, way, deadlineMs, heldMax } = settingsOf(options)
  const clock = new SystemClock()
  const random = Math.random
  const instances = routesTo(targets, clock, random)
  const service = new Service({ instances, clock, random, deadlineMs })
  switch (way) {
    case 'direct':
      return new DirectClient(service)
    case 'merge':
      return new MergeClient(service, clock)
    case 'lease':
      return new LeaseClient(service, { heldMax, clock, random })
  }
}
