import type { Experiment, Finding } from '../experiment.ts'
import { throughput } from '../load/load-generators.ts'
import { httpQuestion } from '../load/question.ts'
import type { Bench } from '../run/bench.ts'
import { startConstantFastify } from '../run/constant-servers.ts'
import { Goloves } from '../run/goloves.ts'
import { throughputRounds } from '../run/throughput-rounds.ts'

const TAG = 'order-service'
const CONSTANT = 'a constant from Fastify'
const LOAD = { connections: 32, inFlight: 1, seconds: 1 }

export const http: Experiment = { name: 'http', title: 'HTTP', limitS: 100, run: measure }

async function measure(bench: Bench): Promise<Finding> {
  const service = await Goloves.start(bench)
  const ours = httpQuestion(service.http, `/v1/tags/${TAG}:nextId`)
  const other = httpQuestion(await startConstantFastify(bench), '/nextId')
  const [our = [], their = []] = await throughputRounds(bench, [
    () =>
      service.giving(
        TAG,
        () => throughput(bench, ours, LOAD),
        ({ answers }) => answers,
      ),
    () => throughput(bench, other, LOAD),
  ])
  const figures = { ours: our, other: their }
  return {
    rows: [{ what: 'answers per second', beside: CONSTANT, ...figures, bar: { atLeast: 0.9 } }],
    tables: [],
    notes: [`${LOAD.connections} connections, each with one request at a time and without a body.`],
    picture: {
      title: 'HTTP: answers per second',
      scale: 'linear',
      bars: [
        { name: 'Goloves, nextId', isOurs: true, figures: figures.ours },
        { name: CONSTANT, isOurs: false, figures: figures.other },
      ],
    },
  }
}
