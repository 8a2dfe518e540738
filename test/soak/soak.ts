import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { PACKAGE_ROOT } from '../../cmd/idgen/package-root.ts'
import { ProgressLine } from '../../cmd/idgen/progress-line.ts'
import { Dice } from '../simulation/dice.ts'
import { Tally } from '../simulation/tally.ts'
import { mysqlTestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { FaultProxy } from '../support/fault-proxy.ts'
import { GrpcClient } from '../support/grpc-client.ts'
import { Callers } from './callers.ts'

// node soak.ts --minutes N [--seed N]: one service under a mixed load on a real database whose network
// is at fault now and then. Prints how its memory and its event loop fare. Fails if an id is given
// twice, or if the service ends before its time.

const MAIN = join(PACKAGE_ROOT, 'cmd', 'idgen', 'main.ts')
const PROBE = join(import.meta.dirname, 'probe.ts')
const LINES = 10
const FAULT_GAP_MS = 10_000
const FAULT_MAX_MS = 6_000
const DELAY_MS = 100
const TAGS = [
  { tag: 'chain', step: 1_000, buffer: 'BUFFER_CHAIN' },
  { tag: 'double', step: 1_000, buffer: 'BUFFER_DOUBLE' },
  { tag: 'scarce', step: 100, buffer: 'BUFFER_DOUBLE' },
]
const SNOWFLAKE = 'snowflake'

const STRIKES: readonly (readonly [kind: string, strike: () => void])[] = [
  ['slow', () => proxy.delay(DELAY_MS)],
  ['silent', () => proxy.hang()],
  ['gone', () => proxy.refuse()],
  ['cut', () => proxy.cut()],
  ['questions lost', () => proxy.lose('question')],
  ['replies lost', () => proxy.lose('reply')],
]

const Pulse = z.object({
  rssMb: z.number(),
  heapMb: z.number(),
  delayMs: z.object({ p50: z.number(), p99: z.number(), max: z.number() }),
})

interface Sums {
  readonly calls: number
  readonly refused: number
}

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string', default: '1' } },
})
const minutes = z.coerce
  .number()
  .positive()
  .max(24 * 60)
  .parse(values.minutes)
const progress = new ProgressLine()
const dice = new Dice(z.coerce.number().int().parse(values.seed))

const folder = mkdtempSync(join(tmpdir(), 'goloves-soak-'))
const database = await mysqlTestDatabase()
const proxy = await FaultProxy.to(database.url)
const service = start()
const ended = once(service, 'exit')
try {
  await soak()
} finally {
  service.kill('SIGKILL')
  await ended
  await proxy.close()
  await database.drop()
  rmSync(folder, { recursive: true })
}

/** The service as a process of its own, that tells how it fares. */
function start(): ChildProcess {
  return spawn(process.execPath, ['--import', PROBE, MAIN, '--log-level', 'error'], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      SOAK_PULSE_MS: String((minutes * 60_000) / LINES),
      GOLOVES_STORE_URL: proxy.url,
      GOLOVES_STORE_MIGRATE: 'true',
      GOLOVES_GRPC_PORT: '0',
      GOLOVES_HTTP_PORT: '0',
      GOLOVES_SHUTDOWN_DRAIN_DELAY_MS: '0',
    },
    stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
  })
}

async function soak(): Promise<void> {
  progress.show('Starting the service...')
  const [grpcPort, httpAddress] = await addresses()
  await eventually(
    async () => (await fetch(`http://${httpAddress}/readyz`)).status,
    (status) => status === 200,
  )
  await createTags(grpcPort)
  const callers = new Callers(grpcPort, httpAddress, [...TAGS.map(({ tag }) => tag), SNOWFLAKE])
  const over = new AbortController()
  const faults = new Tally()
  const broken = breakNetwork(faults, over.signal)
  const stopTelling = tellTime()
  try {
    await watch(callers)
  } finally {
    stopTelling()
  }
  over.abort()
  await broken
  await callers.stop()
  callers.check()
  service.kill('SIGTERM')
  const [code] = await ended
  if (code !== 0) throw new Error(`The service ended with ${code}.`)
  say(`${callers.ids} ids in ${callers.calls} calls, none twice`)
  say(`faults: ${told(faults)}`)
  say(`refusals: ${told(callers.refusals)}`)
}

/** Shows how much of the time is over, between the lines. */
function tellTime(): () => void {
  const beganMs = performance.now()
  const beat = setInterval(() => {
    const over = Math.round((performance.now() - beganMs) / 1000)
    progress.show(`${over} of ${Math.round(minutes * 60)} s`)
  }, 1000)
  return () => {
    clearInterval(beat)
    progress.clear()
  }
}

/** Tells line by line how the service fares, until its time is over. */
async function watch(callers: Callers): Promise<void> {
  const names = ['minutes', 'rss', 'heap', 'late: p50', 'p99', 'max', 'calls/s', 'refused']
  say(names.map((name) => name.padStart(11)).join(''))
  let before: Sums = { calls: 0, refused: 0 }
  for (let line = 1; line <= LINES; line++) {
    const [pulse] = await Promise.race([once(service, 'message'), ended.then(endedEarly)])
    callers.check()
    const sums = { calls: callers.calls, refused: callers.refusals.sum }
    tell(line, Pulse.parse(pulse), {
      calls: sums.calls - before.calls,
      refused: sums.refused - before.refused,
    })
    before = sums
  }
}

/** Where it listens, once it says so. */
function addresses(): Promise<[grpcPort: number, http: string]> {
  let output = ''
  return new Promise((resolve, reject) => {
    service.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text
      const [, grpc, http] = /gRPC on \S+:(\d+), HTTP on (\S+)\. Try:/.exec(output) ?? []
      if (grpc !== undefined && http !== undefined) resolve([Number(grpc), http])
    })
    service.once('exit', () => reject(new Error(`The service did not start:\n${output}`)))
  })
}

async function createTags(grpcPort: number): Promise<void> {
  const admin = new GrpcClient(grpcPort)
  for (const tag of TAGS) await admin.ask('goloves.v1.TagService/CreateTag', tag, 30_000)
  admin.close()
}

/** One fault after the other, each mended after a while. */
async function breakNetwork(faults: Tally, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    await pause(dice.gap(FAULT_GAP_MS), undefined, { signal: over }).catch(() => {})
    const [kind, strike] = dice.pick(STRIKES)
    strike()
    faults.add(kind)
    await pause(dice.between(0, FAULT_MAX_MS), undefined, { signal: over }).catch(() => {})
    proxy.delay(0)
    proxy.release()
    proxy.accept()
  }
}

/** A line of the table: how the service has fared since the last one. */
function tell(line: number, { rssMb, heapMb, delayMs }: z.infer<typeof Pulse>, since: Sums): void {
  const columns = [
    ((line * minutes) / LINES).toFixed(1),
    ...[rssMb, heapMb].map((mb) => `${mb.toFixed(1)} MB`),
    ...[delayMs.p50, delayMs.p99, delayMs.max].map((ms) => `${ms.toFixed(1)} ms`),
    (since.calls / ((minutes * 60) / LINES)).toFixed(0),
    String(since.refused),
  ]
  say(columns.map((text) => text.padStart(11)).join(''))
}

function endedEarly(): never {
  throw new Error('The service ended before its time.')
}

function told(counts: Tally): string {
  return [...counts.byKind].map(([kind, count]) => `${kind} ${count}`).join(', ')
}

function say(line: string): void {
  progress.clear()
  process.stdout.write(`${line}\n`)
}
