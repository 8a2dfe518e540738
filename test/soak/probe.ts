import { monitorEventLoopDelay } from 'node:perf_hooks'

// Loaded into the service before it starts (`node --import`), and tells its parent now and then how
// it fares.

const PULSE_MS = Number(process.env['SOAK_PULSE_MS'])
const RESOLUTION_MS = 10

if (process.send !== undefined) {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delays.enable()
  const beat = setInterval(() => {
    const { rss, heapUsed } = process.memoryUsage()
    const late = (ns: number) => Math.max(0, ns / 1e6 - RESOLUTION_MS)
    const pulse = {
      rssMb: rss / 2 ** 20,
      heapMb: heapUsed / 2 ** 20,
      delayMs: {
        p50: late(delays.percentile(50)),
        p99: late(delays.percentile(99)),
        max: late(delays.max),
      },
    }
    delays.reset()
    process.send?.(pulse)
  }, PULSE_MS)
  beat.unref()
  // The channel to the parent must not keep the service alive either.
  process.channel?.unref()
}
