import { join } from 'node:path'
import { z } from 'zod'
import type { Experiment, Finding, Row, Table } from '../experiment.ts'
import * as names from '../in-process/names.ts'
import { figure } from '../report/figure.ts'
import type { Bench } from '../run/bench.ts'
import { spreadOf } from '../statistics.ts'

const PROGRAM = join(import.meta.dirname, '..', 'in-process', 'race.ts')

const Made = z.array(z.object({ name: z.string(), perSecond: z.array(z.number()) }))

type Makers = z.infer<typeof Made>

const OURS: readonly string[] = [
  names.CHAIN,
  names.DOUBLE,
  names.FIXED_CHAIN,
  names.CHAIN_BY_IDS_IN,
  names.SNOWFLAKE,
]

export const inProcess: Experiment = {
  name: 'in-process',
  title: 'In one process',
  limitS: 90,
  run: measure,
}

async function measure(bench: Bench): Promise<Finding> {
  bench.tell('one id at a time')
  const oneByOne = await race(bench)
  bench.tell('filling a BigInt64Array')
  const filling = await race(bench, 'filling')
  const one = 'one id at a time, ids per second'
  const array = 'a BigInt64Array of 1,000, ids per second'
  return {
    rows: [
      {
        ...beside(oneByOne, names.CHAIN, names.CELL),
        what: `${names.CHAIN}, ${one}`,
        bar: { atLeast: 0.6 },
      },
      { ...beside(oneByOne, names.DOUBLE, names.CELL), what: `${names.DOUBLE}, ${one}` },
      { ...beside(oneByOne, names.SNOWFLAKE, names.SHIFTS), what: `${names.SNOWFLAKE}, ${one}` },
      { ...beside(filling, names.CHAIN, names.CELL), what: `${names.CHAIN}, ${array}` },
      { ...beside(filling, names.SNOWFLAKE, names.SHIFTS), what: `${names.SNOWFLAKE}, ${array}` },
    ],
    tables: [
      tableOf('One id at a time, million per second', oneByOne),
      tableOf('Filling a BigInt64Array of 1,000, million ids per second', filling),
    ],
    notes: [
      'All in one process of their own, in turn, 5 ms each. Each id is kept: as a bigint in an array, or as ' +
        '64 bits in a typed one.',
      `${names.CELL}: the cursor of each segment in a BigInt64Array, a look at its end, and nothing else.`,
      'The buffers are set as they are unless told otherwise, so their leases have grown by then. Leases are ' +
        'not timed; with 1,000 ids in a lease, what the hand-out does for each of them is most of the time.',
      'Ours fill an array by counting up the ranges of one take.',
      'The clock of all snowflakes costs nothing, and goes on by a millisecond before each 1,000 ids. By a real ' +
        'one none can make more than 4.096 million a second, and nodejs-snowflake, whose sequence has 10 bits, ' +
        '1.024 million.',
      'flake-idgen makes 8 bytes, which are read as a bigint here. Ids of @sapphire/snowflake may fall within a ' +
        'millisecond, and repeat beyond 4,096 in one.',
    ],
    picture: {
      title: 'One id at a time: ids per second',
      scale: 'log',
      bars: oneByOne.map(({ name, perSecond }) => ({
        name,
        isOurs: OURS.includes(name),
        figures: perSecond,
      })),
    },
  }
}

/** In a process of its own, so that nothing else was compiled there. */
async function race(bench: Bench, ...how: string[]): Promise<Makers> {
  const { stdout } = await bench.run(process.execPath, [PROGRAM, ...how])
  return Made.parse(JSON.parse(stdout))
}

function beside(makers: Makers, our: string, their: string): Omit<Row, 'what'> {
  return { beside: their, ours: rateOf(makers, our), other: rateOf(makers, their) }
}

function rateOf(makers: Makers, name: string): readonly number[] {
  const maker = makers.find((one) => one.name === name)
  if (maker === undefined) throw new Error(`Nobody was called ${name}.`)
  return maker.perSecond
}

function tableOf(title: string, makers: Makers): Table {
  return {
    title,
    head: ['', 'median', 'spread'],
    lines: makers.map(({ name, perSecond }) => {
      const { median, low, high } = spreadOf(perSecond.map((rate) => rate / 1e6))
      return [name, figure(median), `${figure(low)} – ${figure(high)}`]
    }),
  }
}
