import { availableParallelism } from 'node:os'
import { z } from 'zod'
import type { Experiment, Finding } from '../experiment.ts'
import { throughput } from '../load/load-generators.ts'
import { grpcQuestion, type Question } from '../load/question.ts'
import { figure } from '../report/figure.ts'
import type { Bench } from '../run/bench.ts'
import { Goloves } from '../run/goloves.ts'
import { spreadOf } from '../statistics.ts'

const TAG = 'order-service'
const RPC = 'goloves.v1.IdService/NextId'
const LOAD = { connections: 32, inFlight: 2, seconds: 1 }
const CORES = availableParallelism()
const WORKERS = [1, ...new Set([2, Math.max(2, CORES)])]

const Leased = z.object({ tag: z.object({ maxId: z.coerce.bigint() }) })

export const growthWorkers: Experiment = {
  name: 'growth-workers',
  title: 'From 1 worker process to one for each core',
  limitS: 60,
  run: measure,
}

async function measure(bench: Bench): Promise<Finding> {
  const sides: (() => Promise<number>)[] = []
  for (const workers of WORKERS) {
    const service = await Goloves.start(bench, ['--workers', String(workers)])
    const question = grpcQuestion(service.grpc, RPC, { tag: TAG })
    sides.push(() => perSecondOf(bench, service, question))
  }
  bench.tell('warming up')
  for (const side of sides) await side()
  const rounds = await bench.rounds(sides)
  const measured = WORKERS.map((workers, index) => ({ workers, perSecond: rounds[index] ?? [] }))
  const [alone, ...together] = measured
  return {
    rows: together.map(({ workers, perSecond }) => ({
      what: `answers per second by ${workers} workers`,
      beside: 'by 1',
      ours: perSecond,
      other: alone?.perSecond ?? [],
    })),
    tables: [
      {
        title: 'Unary gRPC by worker processes',
        head: ['workers', 'answers per second'],
        lines: measured.map(({ workers, perSecond }) => [
          String(workers),
          figure(spreadOf(perSecond).median),
        ]),
      },
    ],
    notes: [
      `The machine has ${CORES} cores, and the load generator works on them too: it takes from the workers what it ` +
        'needs itself, so that they can get nowhere near their number.',
      `${LOAD.connections} connections with ${LOAD.inFlight} calls under way on each.`,
    ],
    picture: {
      title: 'Unary gRPC: answers per second by worker processes',
      scale: 'linear',
      bars: measured.map(({ workers, perSecond }) => ({
        name: String(workers),
        isOurs: true,
        figures: perSecond,
      })),
    },
  }
}

/** @throws Error if fewer ids were ever leased than were answered now: then it answered something else. */
async function perSecondOf(bench: Bench, { client }: Goloves, question: Question): Promise<number> {
  const { answers, perSecond } = await throughput(bench, question, LOAD)
  const { tag } = Leased.parse(await client.ask('goloves.v1.TagService/GetTag', { tag: TAG }))
  if (tag.maxId < answers) throw new Error(`Only ${tag.maxId} ids were leased, of ${answers}.`)
  return perSecond
}
