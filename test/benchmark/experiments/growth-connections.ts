import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { GrpcClient } from '../../support/grpc-client.ts'
import type { Experiment, Finding } from '../experiment.ts'
import { throughput } from '../load/load-generators.ts'
import { grpcQuestion, httpQuestion } from '../load/question.ts'
import { figure } from '../report/figure.ts'
import type { Bench } from '../run/bench.ts'
import { Goloves } from '../run/goloves.ts'
import { spreadOf } from '../statistics.ts'

const TAG = 'order-service'
const RPC = 'goloves.v1.IdService/NextId'
const SECONDS = 1
const UNDER_WAY = 64
const GRPC = [1, 10, 100, 1000]
const HTTP = [10, 1000]
const HELD = 1000
const OPENED_AT_ONCE = 100

export const growthConnections: Experiment = {
  name: 'growth-connections',
  title: 'From 1 to 1,000 connections',
  limitS: 120,
  run: measure,
}

async function measure(bench: Bench): Promise<Finding> {
  bench.tell('memory')
  const [grpcBytes, httpBytes] = [
    await memoryOfEach(bench, byGrpc),
    await memoryOfEach(bench, byHttp),
  ]
  const service = await Goloves.start(bench)
  const overGrpc = grpcQuestion(service.grpc, RPC, { tag: TAG })
  const overHttp = httpQuestion(service.http, `/v1/tags/${TAG}:nextId`)
  const loads = [
    ...GRPC.map((connections) => ({
      name: `gRPC, ${figure(connections)}`,
      question: overGrpc,
      load: { connections, inFlight: Math.ceil(UNDER_WAY / connections), seconds: SECONDS },
    })),
    ...HTTP.map((connections) => ({
      name: `HTTP, ${figure(connections)}`,
      question: overHttp,
      load: { connections, inFlight: 1, seconds: SECONDS },
    })),
  ]
  const sides = loads.map(({ question, load }) => async () => {
    const work = () => throughput(bench, question, load)
    return (await service.giving(TAG, work, ({ answers }) => answers)).perSecond
  })
  bench.tell('warming up')
  for (const side of sides) await side()
  const rounds = await bench.rounds(sides)
  const measured = loads.map(({ name }, index) => ({ name, perSecond: rounds[index] ?? [] }))
  const [fewGrpc, , , manyGrpc, fewHttp, manyHttp] = rounds
  return {
    rows: [
      {
        what: `gRPC answers per second over ${figure(1000)} connections`,
        beside: 'over 1',
        ours: manyGrpc ?? [],
        other: fewGrpc ?? [],
      },
      {
        what: `HTTP answers per second over ${figure(1000)} connections`,
        beside: 'over 10',
        ours: manyHttp ?? [],
        other: fewHttp ?? [],
      },
    ],
    tables: [
      {
        title: 'Answers per second by connections',
        head: ['connections', 'answers per second'],
        lines: measured.map(({ name, perSecond }) => [name, figure(spreadOf(perSecond).median)]),
      },
      {
        title: `Memory of an idle connection (RSS, of ${figure(HELD)} that were asked once)`,
        head: ['', 'kB'],
        lines: [
          ['gRPC', figure(grpcBytes / 1000)],
          ['HTTP', figure(httpBytes / 1000)],
        ],
      },
    ],
    notes: [
      `Over gRPC ${UNDER_WAY} calls are under way on all connections together, at least one on each;`,
      'over HTTP one on each, so that 1,000 connections have 1,000 under way.',
      'To open the connections is part of the second that is measured.',
    ],
    picture: {
      title: 'Answers per second by connections',
      scale: 'linear',
      bars: measured.map(({ name, perSecond }) => ({ name, isOurs: true, figures: perSecond })),
    },
  }
}

/** A way to open a connection, ask once, and leave it open. @returns How to close it. */
type Open = (service: Goloves) => Promise<() => void>

const byGrpc: Open = async ({ grpc }) => {
  const client = new GrpcClient(Number(grpc.split(':').at(-1)))
  await client.ask(RPC, { tag: TAG })
  return () => client.close()
}

const byHttp: Open = async ({ http }) => {
  const [host, port] = http.split(':')
  const socket: Socket = connect(Number(port), host)
  socket.write(`POST /v1/tags/${TAG}:nextId HTTP/1.1\r\nHost: ${http}\r\nContent-Length: 0\r\n\r\n`)
  await once(socket, 'data')
  return () => socket.destroy()
}

/** What an open connection adds to a new service, in bytes. */
async function memoryOfEach(bench: Bench, open: Open): Promise<number> {
  const service = await Goloves.start(bench)
  const closers = [await open(service)]
  try {
    const before = rssOf(service)
    for (let opened = 0; opened < HELD; opened += OPENED_AT_ONCE) {
      const some = Array.from({ length: OPENED_AT_ONCE }, () => open(service))
      closers.push(...(await Promise.all(some)))
    }
    return (rssOf(service) - before) / HELD
  } finally {
    for (const close of closers) close()
    await service.program.end('SIGKILL')
  }
}

/** In bytes. */
function rssOf({ program }: Goloves): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(program.pid)])) * 1024
}
