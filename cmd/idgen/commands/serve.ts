import { randomUUID } from 'node:crypto'
import type { Settings } from '../../../internal/config/settings.ts'
import type { Logger } from '../../../internal/telemetry/logger.ts'
import { SystemClock } from '../../../pkg/clock/system-clock.ts'
import { buildContainer } from '../container.ts'
import { Service } from '../server.ts'

/**
 * Serves until SIGTERM or SIGINT; a second one ends the process at once.
 *
 * @throws Error if it can't listen, or if the store is one that would lose ids.
 */
export async function serve(
  settings: Settings,
  logger: Logger,
  print: (line: string) => void,
): Promise<void> {
  const machine = { clock: new SystemClock(), random: Math.random, logger, instance: randomUUID() }
  const service = buildContainer(settings, machine).get(Service)
  const asked = stopAsked()
  const { grpc, http } = await service.start()
  logger.info({ instance: machine.instance, pid: process.pid, grpc, http }, 'Started')
  print(`gRPC on ${grpc}, HTTP on ${http}. Try:`)
  print(`  curl -X POST http://${http}/v1/tags/order-service:nextId`)
  try {
    await Promise.race([asked, service.ready.then(() => asked)])
  } finally {
    await service.stop()
  }
}

function stopAsked(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1))
        resolve()
      })
    }
  })
}
