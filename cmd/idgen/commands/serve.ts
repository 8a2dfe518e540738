import type { Settings } from '../../../internal/config/settings.ts'
import { parseStoreUrl } from '../../../internal/config/store-url.ts'
import { addressesOf } from '../addresses.ts'
import { isLoopback } from '../loopback.ts'
import type { Machine } from '../machine.ts'
import type { Ports } from '../server.ts'
import { workerCount } from '../worker-count.ts'

/** The seed's tag, which only a new embedded store has by itself. */
const SEED_QUESTION = '/order-service:nextId'

const OPEN =
  'Whoever reaches this address can take ids and change tags: let only those reach it who may. ' +
  'GOLOVES_ACCESS_WARN_IF_OPEN=false silences this'

/**
 * Serves until SIGTERM or SIGINT, in as many processes as the settings say; a second signal ends them at
 * once.
 *
 * @throws Error if it can't listen, if the store is one that would lose ids, or if a process had to be
 * killed.
 */
export async function serve(
  settings: Settings,
  machine: Machine,
  print: (line: string) => void,
): Promise<void> {
  const count = workerCount(settings)
  const listening = (ports: Ports) => {
    warnIfOpen(settings, ports, machine)
    printAddresses(settings, ports, print)
  }
  // Each loads only what it needs.
  if (count === 1) {
    const { serveAlone } = await import('../serve-alone.ts')
    await serveAlone(settings, machine, listening)
  } else {
    const { serveTogether } = await import('../cluster/serve-together.ts')
    await serveTogether(count, settings, machine, listening)
  }
}

function warnIfOpen(settings: Settings, ports: Ports, { logger }: Machine): void {
  const { access, grpc, http } = settings
  if (!access.warnIfOpen) return
  const addresses = addressesOf(settings, ports)
  const open = {
    ...(!isLoopback(grpc.host) && { grpc: addresses.grpc }),
    ...(!isLoopback(http.host) && { http: addresses.http }),
  }
  if (Object.keys(open).length > 0) logger.warn(open, OPEN)
}

function printAddresses(settings: Settings, ports: Ports, print: (line: string) => void): void {
  const { grpc, http } = addressesOf(settings, ports)
  const isFile = parseStoreUrl(settings.store.url).kind === 'sqlite'
  print(`gRPC on ${grpc}, HTTP on ${http}. Try:`)
  print(`  curl ${isFile ? '-X POST ' : ''}http://${http}/v1/tags${isFile ? SEED_QUESTION : ''}`)
}
