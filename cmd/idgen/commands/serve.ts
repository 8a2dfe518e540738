import { resolve } from 'node:path'
import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js'
import type { Settings } from '../../../internal/config/settings.ts'
import { parseStoreUrl, withoutPassword } from '../../../internal/config/store-url.ts'
import { buildContainer } from '../container.ts'
import type { Machine } from '../machine.ts'
import { Service } from '../server.ts'

/** The seed's tag, which only a new embedded store has by itself. */
const SEED_QUESTION = '/order-service:nextId'

/**
 * Serves until SIGTERM or SIGINT; a second one ends the process at once.
 *
 * @throws Error if it can't listen, or if the store is one that would lose ids.
 */
export async function serve(
  settings: Settings,
  machine: Machine,
  print: (line: string) => void,
): Promise<void> {
  // What grpc-js would print of a port that is taken is thrown as well, with the cure.
  if (process.env['GRPC_VERBOSITY'] === undefined) setLogVerbosity(logVerbosity.NONE)
  const service = buildContainer(settings, machine).get(Service)
  const asked = stopAsked()
  const { grpc, http } = await service.start()
  const { logger, instance } = machine
  const address = parseStoreUrl(settings.store.url)
  // A relative path names another store in another folder, and its ids begin anew.
  const isFile = address.kind === 'sqlite'
  const store = isFile ? resolve(address.file) : withoutPassword(settings.store.url)
  logger.info({ instance, pid: process.pid, grpc, http, store }, 'Started')
  print(`gRPC on ${grpc}, HTTP on ${http}. Try:`)
  print(`  curl ${isFile ? '-X POST ' : ''}http://${http}/v1/tags${isFile ? SEED_QUESTION : ''}`)
  try {
    await Promise.race([asked, service.ready.then(() => asked)])
  } finally {
    await service.stop()
  }
}

/** Resolves at the first signal; the second one, of whichever kind, ends the process. */
function stopAsked(): Promise<void> {
  return new Promise((resolve) => {
    let isAsked = false
    const ask = () => {
      if (isAsked) process.exit(1)
      isAsked = true
      resolve()
    }
    process.on('SIGTERM', ask)
    process.on('SIGINT', ask)
  })
}
