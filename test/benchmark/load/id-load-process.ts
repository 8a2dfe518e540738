import { appendFileSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { z } from 'zod'
import { createClient } from '../../../pkg/client/create-client.ts'
import { GrpcClient } from '../../support/grpc-client.ts'
import { Schedule } from './schedule.ts'

// node id-load-process.ts ORDER: asks for ids by a stream or by the merging client at a fixed rate, as an
// order in JSON says, writes a log in h2load's format, and says in JSON whether it sent all. It never
// sleeps, since no timer wakes it within a millisecond.

const Order = z.object({
  way: z.enum(['stream', 'merge']),
  grpc: z.string(),
  tag: z.string(),
  perSecond: z.number(),
  seconds: z.number(),
  log: z.string(),
})

interface Asking {
  /** Asks for the id of a question; `onId` tells when it is there. Questions are numbered from 0. */
  readonly ask: (question: number) => void
  readonly close: () => void
}

/** More than that under way at once is no load that anybody carries. */
const UNDER_WAY_MAX = 20_000
const STREAMS = 4
const STREAM_LIMIT_MS = 300_000
/** At the same rate, and not written down: this process is slow until its code is compiled. */
const WARM_UP_S = 1
const LINES_AT_ONCE = 10_000

const { way, grpc, tag, perSecond, seconds, log } = Order.parse(JSON.parse(process.argv[2] ?? ''))
const schedule = new Schedule(performance.now(), perSecond, WARM_UP_S + seconds)
const sentMs = new Float64Array(schedule.count)
const tookMs = new Float64Array(schedule.count)
let answered = 0
const asking = way === 'stream' ? byStreams() : byMerging()
const isWhole = await sendAll()
asking.close()
if (isWhole) writeLog(Math.round(perSecond * WARM_UP_S))
process.stdout.write(JSON.stringify({ isWhole }), () => process.exit())

/** Sends each question at its time. @returns False if too many wait for their answers. */
async function sendAll(): Promise<boolean> {
  for (let sent = 0; answered < schedule.count; await turn()) {
    for (const due = schedule.dueAt(performance.now()); sent < due; sent++) {
      sentMs[sent] = performance.now()
      asking.ask(sent)
    }
    if (sent - answered > UNDER_WAY_MAX) return false
  }
  return true
}

function onId(question: number): void {
  tookMs[question] = performance.now() - schedule.plannedMs(question)
  answered += 1
}

function writeLog(from: number): void {
  let lines: string[] = []
  for (let question = from; question < schedule.count; question++) {
    const tookUs = Math.round((tookMs[question] ?? 0) * 1000)
    lines.push(`${Math.round((sentMs[question] ?? 0) * 1000)}\t200\t${tookUs}\n`)
    if (lines.length < LINES_AT_ONCE && question < schedule.count - 1) continue
    appendFileSync(log, lines.join(''))
    lines = []
  }
}

function byMerging(): Asking {
  const client = createClient({ targets: [{ grpc }], way: 'merge' })
  // A refusal, which nobody handles, ends this process.
  return {
    ask: (question) => void client.nextId(tag).then(() => onId(question)),
    close: () => void client.close(),
  }
}

/** Questions by turns on some streams, each on a connection of its own. */
function byStreams(): Asking {
  const streams = Array.from({ length: STREAMS }, (_, first) => openStream(first))
  return {
    ask: (question) => streams[question % STREAMS]?.ask(question),
    close: () => {
      for (const stream of streams) stream.close()
    },
  }
}

/** A stream answers in the order of its questions, which are every `STREAMS`th from `first`. */
function openStream(first: number): Asking {
  const client = new GrpcClient(Number(grpc.split(':').at(-1)))
  const stream = client.stream(STREAM_LIMIT_MS)
  let next = first
  stream.on('data', (answer: object) => {
    if (!('ranges' in answer)) throw new Error('An answer had no ids.')
    onId(next)
    next += STREAMS
  })
  return {
    ask: () => stream.write({ tag, count: 1 }),
    close: () => {
      // What a call says that is cancelled is no news.
      stream.on('error', () => {})
      stream.cancel()
      client.close()
    },
  }
}
