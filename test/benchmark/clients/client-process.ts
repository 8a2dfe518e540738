import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { cpuSecondsOf } from './cpu-time.ts'
import { SourceOrder, sourceOf } from './id-source.ts'
import { Taking } from './taking.ts'

// node client-process.ts ORDER: takes ids as an order in JSON says, and says in JSON how many these were,
// and what they cost this process and the server while it measured.

const Order = z.object({
  source: SourceOrder,
  callers: z.number(),
  /** The process that gives the ids. */
  serverPid: z.number(),
  warmUpMs: z.number(),
  measuredMs: z.number(),
})

const { source, callers, serverPid, warmUpMs, measuredMs } = Order.parse(
  JSON.parse(process.argv[2] ?? ''),
)
const client = await sourceOf(source, callers)
const taking = new Taking()
const [measured] = await Promise.all([measure(), client.take(taking)])
await client.close()
process.stdout.write(JSON.stringify({ ...measured, total: taking.count }))

async function measure() {
  await pause(warmUpMs)
  const before = reading()
  await pause(measuredMs)
  const after = reading()
  taking.isOver = true
  return {
    ids: after.ids - before.ids,
    seconds: after.seconds - before.seconds,
    cpuSeconds:
      before.cpuSeconds === undefined || after.cpuSeconds === undefined
        ? undefined
        : after.cpuSeconds - before.cpuSeconds,
  }
}

function reading() {
  const { user, system } = process.cpuUsage()
  const ofServer = cpuSecondsOf(serverPid)
  return {
    ids: taking.count,
    seconds: performance.now() / 1000,
    cpuSeconds: ofServer === undefined ? undefined : ofServer + (user + system) / 1e6,
  }
}
