import type { Experiment, Finding } from '../experiment.ts'
import { throughput } from '../load/load-generators.ts'
import { grpcQuestion } from '../load/question.ts'
import { figure } from '../report/figure.ts'
import type { Bench } from '../run/bench.ts'
import { Goloves } from '../run/goloves.ts'
import { spreadOf } from '../statistics.ts'

const RPC = 'goloves.v1.IdService/NextIds'
const COUNTS = [1, 10, 100, 1_000, 100_000]
const STEP = 1_000
const LOAD = { connections: 8, inFlight: 4, seconds: 1 }

export const counts: Experiment = {
  name: 'counts',
  title: 'Many ids in one call',
  limitS: 120,
  run: measure,
}

async function measure(bench: Bench): Promise<Finding> {
  const service = await Goloves.start(bench)
  const sides = COUNTS.map((count) => {
    const tag = `count-${count}`
    const question = grpcQuestion(service.grpc, RPC, { tag, count })
    const ask = () =>
      service.giving(
        tag,
        () => throughput(bench, question, LOAD),
        ({ answers }) => answers * count,
      )
    return { tag, ask }
  })
  bench.tell('warming up')
  for (const { tag, ask } of sides) {
    await service.client.ask('goloves.v1.TagService/CreateTag', { tag, step: STEP })
    await ask()
  }
  const rounds = await bench.rounds(sides.map(({ ask }) => ask))
  const measured = COUNTS.map((count, index) => ({
    count,
    perSecond: (rounds[index] ?? []).map(({ perSecond }) => perSecond),
  }))
  const [single, ...larger] = measured.map(({ count, perSecond }) => ({
    count,
    tookUs: perSecond.map((rate) => 1e6 / rate),
  }))
  return {
    rows: larger.map(({ count, tookUs }) => ({
      what: `time for a call for ${figure(count)} ids, µs`,
      beside: 'a call for one id',
      ours: tookUs,
      other: single?.tookUs ?? [],
      bar: { atMost: 1.25 },
    })),
    tables: [
      {
        title: 'NextIds by count',
        head: ['count', 'calls per second', 'ids per second'],
        lines: measured.map(({ count, perSecond }) => {
          const { median } = spreadOf(perSecond)
          return [count, median, median * count].map(figure)
        }),
      },
    ],
    notes: [
      'The time for a call is a second by the calls that were answered in it.',
      `${LOAD.connections} connections with ${LOAD.inFlight} calls under way on each.`,
      `Each count has a tag of its own, created with a step of ${figure(STEP)}. Its leases are measured too.`,
    ],
    picture: {
      title: 'NextIds: ids per second',
      scale: 'log',
      bars: measured.map(({ count, perSecond }) => ({
        name: `${figure(count)} in a call`,
        isOurs: true,
        figures: perSecond.map((rate) => rate * count),
      })),
    },
  }
}
