import { type Taken, takeIds } from '../clients/take-ids.ts'
import type { Experiment, Finding, Row } from '../experiment.ts'
import { figure } from '../report/figure.ts'
import type { Bench } from '../run/bench.ts'
import { Goloves } from '../run/goloves.ts'
import { type MysqlServer, startMysql } from '../run/mysql.ts'
import { pidOf } from '../run/pid-of.ts'
import { startRedis } from '../run/redis.ts'
import { spreadOf } from '../statistics.ts'

const MEASURED_MS = 750
const REDIS = 'Redis INCR, 1,000 callers'
const MYSQL = 'auto_increment, 64 callers'

const WAYS = [
  { name: 'direct, 64 callers', kind: 'direct', callers: 64 },
  { name: 'merge, 64 callers', kind: 'merge', callers: 64 },
  { name: 'merge, 1,000 callers', kind: 'merge', callers: 1000, timesRedis: 1 },
  { name: 'lease, 1,000 callers', kind: 'lease', callers: 1000, timesRedis: 30 },
  { name: 'lease, nextIdNow', kind: 'lease-now', callers: 1, timesRedis: 100 },
] as const

/** Somebody who gives ids. */
interface Side {
  readonly name: string
  readonly isOurs: boolean
  /** What it has to come to, beside Redis. */
  readonly timesRedis?: number
  readonly take: () => Promise<Taken>
}

interface MeasuredSide extends Omit<Side, 'take'> {
  readonly taken: readonly Taken[]
}

export const clientWays: Experiment = {
  name: 'client-ways',
  title: 'Ways of the client',
  limitS: 130,
  run: measure,
}

async function measure(bench: Bench): Promise<Finding> {
  const service = await Goloves.start(bench)
  const sides: Side[] = WAYS.map((way) => ours(bench, service, way))
  const notes = [
    'A client is a process of its own, started for each share; what it does in its first 250 ms is not measured.',
    'With lease up to a million ids are held, as somebody sets it who takes so many; by default it is 100,000.',
    'A core-second is one of the client and of the server together: of Goloves, Redis or the database.',
  ]
  const redis = await startRedis(bench)
  if (redis === undefined) notes.push('Redis is left out: there is no redis-server here.')
  else {
    const source = { kind: 'redis', socket: redis.socket } as const
    const order = { source, callers: 1000, serverPid: redis.pid, measuredMs: MEASURED_MS }
    sides.push({ name: REDIS, isOurs: false, take: () => takeIds(bench, order) })
    notes.push(
      'Redis keeps nothing on disk and forgets its ids when it ends; Goloves keeps what it leased.',
      'Redis is asked on a Unix socket, by ioredis with auto-pipelining; Goloves by TCP.',
    )
  }
  const mysql = await startMysql()
  if (mysql === undefined) notes.push('MySQL is left out: there is neither mariadbd nor mysqld.')
  try {
    if (mysql !== undefined) {
      sides.push(autoIncrement(bench, mysql))
      notes.push(
        `The database is ${mysql.version} as it comes: an INSERT for each id, by mysql2 on 64 connections.`,
      )
    }
    const rounds = await bench.rounds(sides.map(({ take }) => take))
    return findingOf(
      sides.map((side, index) => ({ ...side, taken: rounds[index] ?? [] })),
      notes,
    )
  } finally {
    await mysql?.stop()
  }
}

function ours(
  bench: Bench,
  service: Goloves,
  { kind, callers, ...way }: (typeof WAYS)[number],
): Side {
  const tag = 'order-service'
  const order = {
    source: { kind, grpc: service.grpc, tag },
    callers,
    serverPid: pidOf(service.program),
    measuredMs: MEASURED_MS,
  }
  const take = () =>
    service.giving(
      tag,
      () => takeIds(bench, order),
      ({ total }) => total,
    )
  return { ...way, isOurs: true, take }
}

function autoIncrement(bench: Bench, { url, pid }: MysqlServer): Side {
  const source = { kind: 'mysql', url } as const
  const order = { source, callers: 64, serverPid: pid, measuredMs: MEASURED_MS }
  return { name: MYSQL, isOurs: false, take: () => takeIds(bench, order) }
}

function findingOf(sides: readonly MeasuredSide[], notes: readonly string[]): Finding {
  const knowsCpu = sides.every(({ taken }) =>
    taken.every(({ perCpuSecond }) => perCpuSecond !== undefined),
  )
  return {
    rows: rowsBeside(sides),
    tables: [
      {
        title: 'Ids by way',
        head: ['', 'ids per second', ...(knowsCpu ? ['ids per core-second'] : [])],
        lines: sides.map(({ name, taken }) => [
          name,
          figure(spreadOf(taken.map(perSecondOf)).median),
          ...(knowsCpu ? [figure(spreadOf(taken.flatMap(perCpuSecondOf)).median)] : []),
        ]),
      },
    ],
    notes: knowsCpu
      ? notes
      : [...notes, 'Without /proc it is not known what a process takes of the cores.'],
    picture: {
      title: 'Clients: ids per second',
      scale: 'log',
      bars: sides.map(({ name, isOurs, taken }) => ({
        name,
        isOurs,
        figures: taken.map(perSecondOf),
      })),
    },
  }
}

function rowsBeside(sides: readonly MeasuredSide[]): Row[] {
  const redis = sides.find(({ name }) => name === REDIS)
  if (redis === undefined) return []
  return sides.flatMap(({ name, timesRedis, taken }) => {
    if (timesRedis === undefined) return []
    return {
      what: `ids per second: ${name}`,
      beside: REDIS,
      ours: taken.map(perSecondOf),
      other: redis.taken.map(perSecondOf),
      bar: { atLeast: timesRedis },
    }
  })
}

function perSecondOf({ perSecond }: Taken): number {
  return perSecond
}

function perCpuSecondOf({ perCpuSecond }: Taken): number[] {
  return perCpuSecond === undefined ? [] : [perCpuSecond]
}
