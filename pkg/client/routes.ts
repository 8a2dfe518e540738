import type { Random } from '../async/backoff.ts'
import type { Clock } from '../clock/clock.ts'
import type { CheckedTarget } from './client-settings.ts'
import { GrpcTransport } from './grpc-transport.ts'
import { HttpTransport } from './http-transport.ts'
import { Route } from './route.ts'
import type { Transport } from './transport.ts'

/** The routes to each instance, from one on that is picked by chance. */
export function routesTo(
  targets: readonly CheckedTarget[],
  clock: Clock,
  random: Random,
): Route[][] {
  const instances = targets.map((target) =>
    transportsTo(target, clock).map((transport) => new Route({ transport, clock, random })),
  )
  const first = Math.floor(random() * instances.length)
  return [...instances.slice(first), ...instances.slice(0, first)]
}

function transportsTo({ grpc, http }: CheckedTarget, clock: Clock): Transport[] {
  const transports: Transport[] = []
  if (grpc !== undefined) transports.push(new GrpcTransport(grpc, clock))
  if (http !== undefined) transports.push(new HttpTransport(http))
  return transports
}
