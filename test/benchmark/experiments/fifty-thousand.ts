import type { Experiment, Finding } from '../experiment.ts'
import { highestRate } from '../highest-rate.ts'
import { idLatency } from '../load/id-load.ts'
import type { Latency } from '../load/load.ts'
import { throughput } from '../load/load-generators.ts'
import { latency } from '../load/own-load.ts'
import { grpcQuestion, httpQuestion, type Question } from '../load/question.ts'
import { figure } from '../report/figure.ts'
import type { Bench } from '../run/bench.ts'
import { startConstantFastify, startConstantGrpc } from '../run/constant-servers.ts'
import { Goloves } from '../run/goloves.ts'

const TAG = 'order-service'
const RPC = 'goloves.v1.IdService/NextId'
const RATE = 50_000
const LIMIT_US = 1000
const CLOSED = { connections: 8, inFlight: 4, seconds: 1 }
const HTTP_CLOSED = { connections: 32, inFlight: 1, seconds: 1 }
const PROBE_S = 2
const CONFIRM_S = 8
const WHOLE_S = 60
/** What one way did not use of it is for the next. */
const WAY_LIMIT_S = 70
const PERCENTILES = [50, 99, 99.9, 100]

/** Who can be asked for one id at a rate. */
interface Asked {
  readonly name: string
  readonly ask: (perSecond: number, seconds: number) => Promise<Latency>
}

/** A way to ask for one id. */
interface Way extends Asked {
  /** The least that a server can do, to be asked in the same way. */
  readonly beside?: Asked
  /** More than that it never carries. */
  readonly highest: () => Promise<number>
}

/** What a way came to at a rate. */
interface Attempt {
  readonly name: string
  readonly perSecond: number
  readonly seconds: number
  readonly latency: Latency
}

interface Found {
  readonly name: string
  /** How many it answers in a second without a pause, if that is fewer than it was to be asked for. */
  readonly highest: number | undefined
  /** Those worth telling of. */
  readonly attempts: readonly Attempt[]
  /** What stands beside the last of them, at the same rate. */
  readonly beside: Attempt | undefined
}

export const fiftyThousand: Experiment = {
  name: 'fifty-thousand',
  title: '50,000 ids per second',
  limitS: 330,
  run: measure,
}

async function measure(bench: Bench): Promise<Finding> {
  const service = await Goloves.start(bench, ['--workers', 'auto'])
  const unary = (address: string) => grpcQuestion(address, RPC, { tag: TAG })
  const ways: Way[] = [
    {
      ...byGenerator(bench, 'unary gRPC', unary(service.grpc), CLOSED),
      beside: byGenerator(
        bench,
        'a constant from grpc-js',
        unary(await startConstantGrpc(bench)),
        CLOSED,
      ),
    },
    byClient(bench, 'StreamIds', 'stream', service.grpc),
    byClient(bench, 'client, merge', 'merge', service.grpc),
    {
      ...byGenerator(
        bench,
        'HTTP',
        httpQuestion(service.http, `/v1/tags/${TAG}:nextId`),
        HTTP_CLOSED,
      ),
      beside: byGenerator(
        bench,
        'a constant from Fastify',
        httpQuestion(await startConstantFastify(bench), '/nextId'),
        HTTP_CLOSED,
      ),
    },
  ]
  const beganMs = performance.now()
  const found: Found[] = []
  for (const [index, way] of ways.entries()) {
    const untilMs = beganMs + (index + 1) * WAY_LIMIT_S * 1000
    found.push(await findingsOn(bench, way, () => performance.now() < untilMs))
  }
  await service.nextId(TAG)
  return {
    rows: [],
    tables: [
      {
        title: `Latency at a fixed rate, in µs, and whether p99.9 stays below ${figure(LIMIT_US)}`,
        head: ['', 'ids per second', 'for', 'p50', 'p99', 'p99.9', 'max', 'below'],
        lines: found.flatMap(linesOf),
      },
    ],
    notes: [
      `Each way is asked for ${figure(RATE)} ids a second, for ${WHOLE_S} s if ${PROBE_S} s go well.`,
      `Else a lower rate is looked for in steps of ${PROBE_S} s, and held for ${CONFIRM_S} s.`,
      'Nobody is asked for more than what is answered in a second without a pause.',
      'The service has a process for each core, which it shares with whoever asks.',
      'Whoever asks is one process, which takes a whole core to be in time; for StreamIds it has 4 streams.',
      'The constant servers are asked at the rate of the line above them.',
      'How many ids several processes gave is not counted: of unary calls the status of HTTP alone is seen.',
    ],
    picture: {
      title: `Ids per second with p99.9 below 1 ms, up to ${figure(RATE)}`,
      scale: 'linear',
      bars: found.map(({ name, attempts }) => ({
        name,
        isOurs: true,
        figures: [attempts.find(isHeld)?.perSecond ?? 0],
      })),
    },
  }
}

function byGenerator(bench: Bench, name: string, question: Question, load: typeof CLOSED): Way {
  const { connections } = load
  return {
    name,
    ask: (perSecond, seconds) => latency(bench, question, { connections, perSecond, seconds }),
    highest: async () => (await throughput(bench, question, load)).perSecond,
  }
}

function byClient(bench: Bench, name: string, way: 'stream' | 'merge', grpc: string): Way {
  return {
    name,
    ask: (perSecond, seconds) => idLatency(bench, { way, grpc, tag: TAG, perSecond, seconds }),
    // It gives up by itself.
    highest: async () => Number.POSITIVE_INFINITY,
  }
}

/** Tries the whole rate first, and looks for a lower one if that is too much. */
async function findingsOn(bench: Bench, way: Way, hasTime: () => boolean): Promise<Found> {
  const attempt = attempting(bench, way)
  const highest = await way.highest()
  const attempts: Attempt[] = []
  if (highest >= RATE) {
    const probe = await attempt(RATE, PROBE_S)
    attempts.push(staysBelow(probe) && hasTime() ? await attempt(RATE, WHOLE_S) : probe)
  }
  if (!attempts.some(isHeld)) {
    attempts.push(...(await lowerThan(Math.min(highest, RATE), attempt, hasTime)))
  }
  const last = attempts.at(-1)
  const beside = way.beside && last && attempting(bench, way.beside)(last.perSecond, CONFIRM_S)
  return {
    name: way.name,
    highest: highest < RATE ? highest : undefined,
    attempts,
    beside: await beside,
  }
}

function attempting(bench: Bench, { name, ask }: Asked) {
  return async (perSecond: number, seconds: number): Promise<Attempt> => {
    bench.tell(`${name}, ${figure(perSecond)} per second for ${seconds} s`)
    return { name, perSecond, seconds, latency: await ask(perSecond, seconds) }
  }
}

/** What is found below a rate that is too much: the highest that is not, held for a while; else the lowest tried. */
async function lowerThan(
  limit: number,
  attempt: (perSecond: number, seconds: number) => Promise<Attempt>,
  hasTime: () => boolean,
): Promise<Attempt[]> {
  let last: Attempt | undefined
  const holdsAt = async (perSecond: number) => {
    last = await attempt(perSecond, PROBE_S)
    return staysBelow(last)
  }
  const perSecond = await highestRate(limit, holdsAt, hasTime)
  if (perSecond === undefined) return last === undefined ? [] : [last]
  const held = await attempt(perSecond, CONFIRM_S)
  if (staysBelow(held) || !hasTime()) return [held]
  // What holds for moments may not hold for long; then something less may.
  return [held, await attempt(Math.round(perSecond / 2), CONFIRM_S)]
}

/** A moment is not enough. */
function isHeld(attempt: Attempt): boolean {
  return attempt.seconds >= CONFIRM_S && staysBelow(attempt)
}

function staysBelow({ latency }: Attempt): boolean {
  return latency.isCarried && latency.latencies.percentile(99.9) < LIMIT_US
}

function linesOf({ name, highest, attempts, beside }: Found): string[][] {
  const beyond =
    highest === undefined
      ? []
      : [[name, figure(RATE), '', '', '', '', '', `no: ${figure(highest)} at most`]]
  return [...beyond, ...[...attempts, ...(beside ? [beside] : [])].map(lineOf)]
}

function lineOf(attempt: Attempt): string[] {
  const { name, perSecond, seconds, latency } = attempt
  const head = [name, figure(perSecond), `${seconds} s`]
  if (!latency.isCarried) return [...head, '', '', '', '', 'no: not carried']
  const waits = PERCENTILES.map((percentile) => figure(latency.latencies.percentile(percentile)))
  return [...head, ...waits, staysBelow(attempt) ? 'yes' : 'no']
}
