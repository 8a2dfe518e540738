import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { PACKAGE_ROOT } from '../../../cmd/idgen/package-root.ts'
import { GrpcClient } from '../../support/grpc-client.ts'
import { sqliteFile } from '../../support/sqlite-file.ts'
import type { Experiment, Finding } from '../experiment.ts'
import { figure } from '../report/figure.ts'
import type { Bench } from '../run/bench.ts'
import { Goloves } from '../run/goloves.ts'
import { liveTag } from '../run/live-tags.ts'

const FEW = 10
const MANY = 100_000
const SERVERS = join(import.meta.dirname, '..', 'servers')
const FASTIFY = 'a constant from Fastify'
const GRPC_JS = 'a constant from grpc-js'

export const start: Experiment = {
  name: 'start',
  title: 'From exec to the first id',
  limitS: 75,
  run: measure,
}

async function measure(bench: Bench): Promise<Finding> {
  bench.tell('filling the tables')
  const few = await newStore(bench, FEW)
  const many = await newStore(bench, MANY)
  const sides = [
    () => startOursMs(bench, few),
    () => startOursMs(bench, many),
    () => startOtherMs(bench, 'constant-fastify.ts', askFastify),
    () => startOtherMs(bench, 'constant-grpc.ts', askGrpc),
  ]
  bench.tell('warming up')
  for (const side of sides) await side()
  const [withFew = [], withMany = [], fastify = [], grpcJs = []] = await bench.rounds(sides)
  const nameOf = (count: number) => `Goloves, ${figure(count)} tags in the table`
  return {
    rows: [
      {
        what: `start with ${figure(MANY)} tags in the table, ms`,
        beside: `with ${FEW}`,
        ours: withMany,
        other: withFew,
        bar: { atMost: 1.25 },
      },
      { what: `start with ${FEW} tags, ms`, beside: FASTIFY, ours: withFew, other: fastify },
      { what: `start with ${FEW} tags, ms`, beside: GRPC_JS, ours: withFew, other: grpcJs },
    ],
    tables: [],
    notes: [
      'From the start of `bin/idgen serve` to the first id of a tag, asked over gRPC as soon as it says that it is ' +
        'ready; with a file of its own each time, copied from one that was filled.',
      'The others are the same Node with a server that has nothing but one constant: they show what Node itself ' +
        'and the libraries take.',
    ],
    picture: {
      title: 'From exec to the first answer, ms',
      scale: 'linear',
      bars: [
        { name: nameOf(FEW), isOurs: true, figures: withFew },
        { name: nameOf(MANY), isOurs: true, figures: withMany },
        { name: FASTIFY, isOurs: false, figures: fastify },
        { name: GRPC_JS, isOurs: false, figures: grpcJs },
      ],
    },
  }
}

/** A file with the tables and so many tags. @returns Its path. */
async function newStore(bench: Bench, tags: number): Promise<string> {
  const path = join(bench.newFolder(), 'filled.db')
  await bench.run(join(PACKAGE_ROOT, 'bin', 'idgen'), ['migrate', '--store-url', `sqlite:${path}`])
  const file = sqliteFile(path)
  try {
    await file.query(
      `WITH RECURSIVE tags (number) AS (VALUES (0) UNION ALL SELECT number + 1 FROM tags LIMIT ${tags})
       INSERT INTO leaf_alloc (biz_tag, max_id, step) SELECT printf('tag-%06d', number), 0, 1000 FROM tags`,
    )
  } finally {
    await file.close()
  }
  return path
}

async function startOursMs(bench: Bench, store: string): Promise<number> {
  const path = join(bench.newFolder(), 'goloves.db')
  copyFileSync(store, path)
  const beganMs = performance.now()
  const service = await Goloves.start(bench, ['--store-url', `sqlite:${path}`])
  await service.nextId(liveTag(FEW / 2))
  const tookMs = performance.now() - beganMs
  await service.program.end('SIGKILL')
  return tookMs
}

async function startOtherMs(
  bench: Bench,
  file: string,
  ask: (address: string) => Promise<void>,
): Promise<number> {
  const beganMs = performance.now()
  const program = bench.start(process.execPath, [join(SERVERS, file)])
  const [, address = ''] = await program.said(/Listening on (\S+)\n/)
  await ask(address)
  const tookMs = performance.now() - beganMs
  await program.end('SIGKILL')
  return tookMs
}

async function askFastify(address: string): Promise<void> {
  const response = await fetch(`http://${address}/nextId`, { method: 'POST' })
  await response.json()
}

async function askGrpc(address: string): Promise<void> {
  const client = new GrpcClient(Number(address.split(':').at(-1)))
  await client.ask('goloves.v1.IdService/NextId', { tag: liveTag(0) })
  client.close()
}
