import type { Settings } from '../../internal/config/settings.ts'
import { logStarted, newService } from './instance.ts'
import type { Machine } from './machine.ts'
import type { Ports } from './server.ts'
import { stopAsked } from './stop-asked.ts'

/** Serves in this process, until asked to stop. Says where, once it listens. */
export async function serveAlone(
  settings: Settings,
  machine: Machine,
  listening: (ports: Ports) => void,
): Promise<void> {
  const service = newService(settings, machine)
  const asked = stopAsked()
  const ports = await service.start()
  logStarted(settings, machine, ports)
  listening(ports)
  try {
    await Promise.race([asked, service.ready.then(() => asked)])
  } finally {
    await service.stop()
  }
}
