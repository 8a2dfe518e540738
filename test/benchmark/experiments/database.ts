import { join } from 'node:path'
import { z } from 'zod'
import { CHAIN, DOUBLE, NAIVE } from '../database/names.ts'
import type { Experiment, Finding, Row, Table } from '../experiment.ts'
import { figure, percent } from '../report/figure.ts'
import type { Bench } from '../run/bench.ts'
import { spreadOf } from '../statistics.ts'

const PROGRAMS = join(import.meta.dirname, '..', 'database')

const STEPS = [100, 1_000, 10_000, 100_000]
const STATEMENTS_RATE = 10_000

const STEP = 1_000
const RATE = 2_000
const ROUND_MS = 500
const LATENCIES_MS = [0, 10, 100, 500]
/** Where the naive one keeps a good share of its callers waiting. */
const JUDGED_MS = [100, 500]

const Counted = z.array(z.object({ name: z.string(), statements: z.array(z.number()) }))

const Asked = z.array(
  z.object({
    name: z.string(),
    waitedShares: z.array(z.number()),
    all: z.object({ p50Us: z.number(), p999Us: z.number(), maxUs: z.number() }),
  }),
)

interface AtLatency {
  readonly latencyMs: number
  readonly asked: z.infer<typeof Asked>
}

export const database: Experiment = {
  name: 'database',
  title: 'The database',
  limitS: 140,
  run: measure,
}

async function measure(bench: Bench): Promise<Finding> {
  bench.tell('counting statements')
  const counted = await countStatements(bench)
  const measured: AtLatency[] = []
  for (const latencyMs of LATENCIES_MS) {
    bench.tell(`leases that take ${latencyMs} ms`)
    measured.push({ latencyMs, asked: await ask(bench, latencyMs) })
  }
  return {
    rows: measured.filter(({ latencyMs }) => JUDGED_MS.includes(latencyMs)).flatMap(rowsOf),
    tables: [
      {
        title:
          `UPDATE statements for the first million ids of a tag, at ${figure(STATEMENTS_RATE)} ids per second, ` +
          'by its step',
        head: ['', ...STEPS.map(figure)],
        lines: counted.map(({ name, statements }) => [name, ...statements.map(figure)]),
      },
      latencyTable(measured),
    ],
    notes: [
      'The buffers are set as they are unless told otherwise; the fixed ones differ in the sizing alone.',
      'A chain that is fixed takes several steps in one lease, to have ids for ten minutes.',
      'Statements are counted by the store itself, an embedded one; a lease is one statement on MySQL too. ' +
        'Time is made up there, and begins with a tag that nobody has asked for yet.',
      `Latency: an open loop of ${figure(RATE)} calls per second for one id each, at a step of ${figure(STEP)}. ` +
        'All are asked in the same process at the same moments, each on a store in memory that takes so long ' +
        'for a lease. A call waits if its id is not there at once; what is late in the process itself is ' +
        'counted for all. The second before the first round is not counted: it begins with a lease, for which ' +
        'everybody waits.',
      `${NAIVE}: the next is leased when it is empty, and who comes meanwhile waits.`,
      'Leases of 500 ms just carry the rate of that.',
      'A ratio of 0: none of ours waited in at least half of the rounds.',
    ],
    picture: {
      title: 'Share of calls that waited for a lease, in percent',
      scale: 'linear',
      bars: measured.flatMap(({ latencyMs, asked }) =>
        asked
          .filter(({ name }) => [CHAIN, DOUBLE, NAIVE].includes(name))
          .map(({ name, waitedShares }) => ({
            name: `${latencyMs} ms, ${name}`,
            isOurs: name !== NAIVE,
            figures: waitedShares.map((share) => share * 100),
          })),
      ),
    },
  }
}

async function countStatements(bench: Bench): Promise<z.infer<typeof Counted>> {
  const file = join(bench.newFolder(), 'goloves.db')
  return Counted.parse(await answerOf(bench, 'statements.ts', file, STATEMENTS_RATE, ...STEPS))
}

async function ask(bench: Bench, latencyMs: number): Promise<z.infer<typeof Asked>> {
  return Asked.parse(await answerOf(bench, 'lease-latency.ts', STEP, RATE, ROUND_MS, latencyMs))
}

async function answerOf(
  bench: Bench,
  program: string,
  ...args: readonly (string | number)[]
): Promise<unknown> {
  const { stdout } = await bench.run(process.execPath, [
    join(PROGRAMS, program),
    ...args.map(String),
  ])
  return JSON.parse(stdout)
}

function rowsOf({ latencyMs, asked }: AtLatency): Row[] {
  const waited = (name: string) => {
    const found = asked.find((one) => one.name === name)
    if (found === undefined) throw new Error(`Nobody was called ${name}.`)
    return found.waitedShares.map((share) => share * 100)
  }
  return [CHAIN, DOUBLE].map((name) => ({
    what: `${name}: calls that waited for leases of ${latencyMs} ms, %`,
    beside: NAIVE,
    ours: waited(name),
    other: waited(NAIVE),
    bar: { atMost: 0.1 },
  }))
}

function latencyTable(measured: readonly AtLatency[]): Table {
  return {
    title: `Calls at ${figure(RATE)} per second, all rounds together; times in ms`,
    head: ['a lease takes', '', 'calls that waited', 'p50', 'p99.9', 'max'],
    lines: measured.flatMap(({ latencyMs, asked }) =>
      asked.map(({ name, waitedShares, all }) => [
        `${latencyMs} ms`,
        name,
        percent(spreadOf(waitedShares).median),
        ...[all.p50Us, all.p999Us, all.maxUs].map((us) => figure(us / 1000)),
      ]),
    ),
  }
}
