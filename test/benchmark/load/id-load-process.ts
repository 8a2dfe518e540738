import { z } from 'zod'
import { createClient } from '../../../pkg/client/create-client.ts'
import { GrpcClient } from '../../support/grpc-client.ts'
import { OpenLoopRun } from './open-loop-run.ts'

// node id-load-process.ts ORDER: asks for ids by a stream or by the merging client at a fixed rate, as an
// order in JSON says, writes a log, and says in JSON whether it sent all.

const Order = z.object({
  way: z.enum(['stream', 'merge']),
  grpc: z.string(),
  tag: z.string(),
  perSecond: z.number(),
  seconds: z.number(),
  log: z.string(),
})

interface Asking {
  /** Asks for the id of a question. */
  readonly ask: (question: number) => void
  readonly close: () => void
}

const STREAMS = 4
const STREAM_LIMIT_MS = 300_000

const order = Order.parse(JSON.parse(process.argv[2] ?? ''))
const { way, grpc, tag } = order
const loop = new OpenLoopRun(order)
const asking = way === 'stream' ? byStreams() : byMerging()
const isWhole = await loop.run(asking.ask)
asking.close()
process.stdout.write(JSON.stringify({ isWhole }), () => process.exit())

function byMerging(): Asking {
  const client = createClient({ targets: [{ grpc }], way: 'merge' })
  // A refusal, which nobody handles, ends this process.
  return {
    ask: (question) => void client.nextId(tag).then(() => loop.answered(question)),
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
    loop.answered(next)
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
