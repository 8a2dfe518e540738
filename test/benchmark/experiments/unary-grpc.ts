import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import type { Experiment, Finding, Row, Table } from '../experiment.ts'
import type { Latency } from '../load/load.ts'
import { throughput } from '../load/load-generators.ts'
import { latency } from '../load/own-load.ts'
import { grpcQuestion } from '../load/question.ts'
import { figure } from '../report/figure.ts'
import type { Bench } from '../run/bench.ts'
import { startConstantGrpc } from '../run/constant-servers.ts'
import { Goloves } from '../run/goloves.ts'
import { GRPC_LOAD, throughputRounds } from '../run/throughput-rounds.ts'
import { spreadOf } from '../statistics.ts'

const TAG = 'order-service'
const RPC = 'goloves.v1.IdService/NextId'
const CONSTANT = 'a constant from grpc-js'
const OPEN = { connections: 8, seconds: 2 }
const PERCENTILES = [50, 99, 99.9, 100]

export const unaryGrpc: Experiment = {
  name: 'unary-grpc',
  title: 'Unary gRPC',
  limitS: 150,
  run: measure,
}

async function measure(bench: Bench): Promise<Finding> {
  const service = await Goloves.start(bench)
  const ours = grpcQuestion(service.grpc, RPC, { tag: TAG })
  const other = grpcQuestion(await startConstantGrpc(bench), RPC, { tag: TAG })

  const [our = [], their = []] = await throughputRounds(bench, [
    () =>
      service.giving(
        TAG,
        () => throughput(bench, ours, GRPC_LOAD),
        ({ answers }) => answers,
      ),
    () => throughput(bench, other, GRPC_LOAD),
  ])
  const perSecond = { ours: our, other: their }

  const rate = Math.round(spreadOf(perSecond.other).median / 2)
  const load = { ...OPEN, perSecond: rate }
  const [waits = [], theirWaits = []] = await bench.rounds([
    () =>
      service.giving(
        TAG,
        () => latency(bench, ours, load),
        ({ latencies }) => latencies.count,
      ),
    () => latency(bench, other, load),
  ])
  const uncarried = [...waits, ...theirWaits].filter(({ isCarried }) => !isCarried).length

  const rows: Row[] = [
    { what: 'answers per second', beside: CONSTANT, ...perSecond, bar: { atLeast: 0.9 } },
    {
      what: `p99 at ${figure(rate)} per second, µs`,
      beside: CONSTANT,
      ours: waits.map(p99Of),
      other: theirWaits.map(p99Of),
      bar: { atMost: 1.25 },
    },
  ]
  return {
    rows,
    tables: [latencyTable(rate, waits, theirWaits)],
    notes: [
      `Throughput: ${GRPC_LOAD.connections} connections with ${GRPC_LOAD.inFlight} calls under way on each.`,
      'Latency: an open loop at half of what the constant gets through, for both: so it is no easier for who is slow.',
      'A process of ours asks for that, which takes a whole core to be in time.',
      ...(uncarried > 0
        ? [`In ${uncarried} of them the rate was not carried, so their latencies say little.`]
        : []),
    ],
    picture: {
      title: 'Unary gRPC: answers per second',
      scale: 'linear',
      bars: [
        { name: 'Goloves, NextId', isOurs: true, figures: perSecond.ours },
        { name: CONSTANT, isOurs: false, figures: perSecond.other },
      ],
    },
  }
}

function latencyTable(rate: number, ours: readonly Latency[], other: readonly Latency[]): Table {
  return {
    title: `Latency of all rounds together at ${figure(rate)} per second, in µs`,
    head: ['', 'p50', 'p99', 'p99.9', 'max'],
    lines: [
      ['Goloves', ...percentilesOf(ours)],
      [CONSTANT, ...percentilesOf(other)],
    ],
  }
}

function percentilesOf(rounds: readonly Latency[]): string[] {
  const all: RecordableHistogram = createHistogram({ figures: 3 })
  for (const { latencies } of rounds) all.add(latencies)
  return PERCENTILES.map((percentile) => figure(all.percentile(percentile)))
}

/** @throws Error if nothing was measured: as a figure that would be 0, and look fast. */
function p99Of({ latencies }: Latency): number {
  if (latencies.count === 0) throw new Error('Too many questions waited for an answer.')
  return latencies.percentile(99)
}
