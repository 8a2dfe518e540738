import type { Settings } from '../../../internal/config/settings.ts'
import type { Machine } from '../machine.ts'
import type { Ports } from '../server.ts'
import { stopAsked } from '../stop-asked.ts'
import { freePorts } from './free-ports.ts'
import { Primary } from './primary.ts'

/**
 * Serves in `count` worker processes, until asked to stop. Says where, once all listen.
 *
 * @throws Error as `serve`.
 */
export async function serveTogether(
  count: number,
  settings: Settings,
  machine: Machine,
  listening: (ports: Ports) => void,
): Promise<void> {
  const { grpc, http } = settings
  const ports = await freePorts(settings)
  const shared = {
    ...settings,
    grpc: { ...grpc, port: ports.grpc },
    http: { ...http, port: ports.http },
  }
  const primary = new Primary(count, shared, machine)
  const asked = stopAsked(() => primary.kill())
  const started = primary.start().then(() => listening(ports))
  let isGood = false
  try {
    await Promise.race([asked, primary.fault, started.then(() => asked)])
  } finally {
    isGood = await primary.stop()
  }
  if (!isGood) throw new Error('A worker process did not end as it should; the log says how.')
}
