import cluster from 'node:cluster'
import { settingsSchema } from '../../../internal/config/settings.ts'
import { openLog } from '../../../internal/telemetry/logger.ts'
import { SystemClock } from '../../../pkg/clock/system-clock.ts'
import { logStarted, newService } from '../instance.ts'
import { thisMachine } from '../machine.ts'
import { reasonsOf } from '../reasons.ts'
import type { Ports } from '../server.ts'
import { type ToPrimary, type ToWorker, toWorker } from './messages.ts'
import { ProcessPeers } from './peers.ts'

type Start = Extract<ToWorker, { kind: 'start' }>

/**
 * Serves as one of several processes until the primary says to stop, or is gone.
 *
 * @returns The exit code.
 */
export async function serveAsWorker(): Promise<number> {
  // A terminal and a service manager signal all processes at once; what that means the primary says.
  process.on('SIGTERM', () => {})
  process.on('SIGINT', () => {})
  const peers = new ProcessPeers((message) => void tell(message), new SystemClock())
  const started = Promise.withResolvers<Start>()
  const stop = Promise.withResolvers<'stop'>()
  process.on('message', (said) => {
    const { data: message } = toWorker.safeParse(said)
    if (message?.kind === 'start') started.resolve(message)
    else if (message?.kind === 'stop') stop.resolve('stop')
    else if (message !== undefined) peers.hear(message)
  })
  const { worker } = cluster
  worker?.once('disconnect', () => {
    // Else Node would end this process before it has given back what it holds.
    worker.exitedAfterDisconnect = true
    stop.resolve('stop')
  })
  try {
    const start = await Promise.race([started.promise, stop.promise])
    if (start !== 'stop') await serve(start, peers, stop.promise)
    return 0
  } catch (error) {
    await tell({ kind: 'failed', why: reasonsOf(error) })
    return 1
  }
}

/** @throws Error if it can't listen, or if the store is one that would lose ids. */
async function serve(start: Start, peers: ProcessPeers, stop: Promise<'stop'>) {
  const settings = settingsSchema.parse(start.settings)
  const machine = thisMachine(openLog(settings.log.level, start.number), start.number)
  const service = newService(settings, machine, peers)
  const tellListening = async (ports: Ports) => {
    logStarted(settings, machine, ports)
    await tell({ kind: 'listening' })
  }
  if (!start.isReplacement) await tellListening(await service.start())
  try {
    if (start.isReplacement) {
      // Others serve: no caller must come here before there are ids.
      service.seekStore()
      if ((await Promise.race([stop, service.ready])) === 'stop') return
      await tellListening(await service.listen())
    }
    await Promise.race([stop, service.ready.then(() => stop)])
  } finally {
    await service.stop()
  }
}

/** Resolves once the primary was told, or is gone. */
function tell(message: ToPrimary): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(message, undefined, undefined, () => resolve())
  })
}
