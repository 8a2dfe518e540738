import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js'
import type { Settings } from '../../internal/config/settings.ts'
import { storeName } from '../../internal/config/store-url.ts'
import { addressesOf } from './addresses.ts'
import type { Peers } from './cluster/peers.ts'
import { buildContainer } from './container.ts'
import type { Machine } from './machine.ts'
import { type Ports, Service } from './server.ts'

/** The service of this process. */
export function newService(settings: Settings, machine: Machine, peers?: Peers): Service {
  // What grpc-js would print of a port that is taken is thrown as well, with the cure.
  if (process.env['GRPC_VERBOSITY'] === undefined) setLogVerbosity(logVerbosity.NONE)
  return buildContainer(settings, machine, peers).get(Service)
}

/** Logs that the service of this process listens. */
export function logStarted(settings: Settings, machine: Machine, ports: Ports): void {
  const store = storeName(settings.store.url)
  const { logger, instance } = machine
  logger.info({ instance, pid: process.pid, ...addressesOf(settings, ports), store }, 'Started')
}
