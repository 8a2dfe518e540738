import { join } from 'node:path'
import { z } from 'zod'
import { GrpcClient } from '../../support/grpc-client.ts'
import type { Experiment, Finding } from '../experiment.ts'
import { figure } from '../report/figure.ts'
import type { Bench } from '../run/bench.ts'
import { liveTag } from '../run/live-tags.ts'
import { spreadOf } from '../statistics.ts'

const TAGS = 100_000
const BYTES_MAX = 2048
const CALLS = 1000
const WARM_UP_CALLS = 3000
const SERVER = join(import.meta.dirname, '..', 'servers', 'many-tags.ts')

const Said = z.object({
  port: z.number(),
  steps: z.array(z.object({ tags: z.number(), heap: z.number(), rss: z.number() })),
})

export const growthTags: Experiment = {
  name: 'growth-tags',
  title: 'From 1 to 100,000 tags',
  limitS: 90,
  run: measure,
}

async function measure(bench: Bench): Promise<Finding> {
  bench.tell('opening the tags')
  const one = await startWith(bench, 1)
  const many = await startWith(bench, TAGS)
  const clients = [one, many].map(({ port }) => new GrpcClient(port))
  try {
    const sides = [1, TAGS].map(
      (tags, index) => (calls: number) => p50Us(clients[index], tags, calls),
    )
    bench.tell('warming up')
    for (const side of sides) await side(WARM_UP_CALLS)
    const [alone = [], among = []] = await bench.rounds(sides.map((side) => () => side(CALLS)))
    return finding(many.steps, among, alone)
  } finally {
    for (const client of clients) client.close()
  }
}

async function startWith(bench: Bench, tags: number) {
  const program = bench.start(
    process.execPath,
    ['--expose-gc', SERVER, String(tags)],
    bench.newFolder(),
  )
  const [said] = await program.said(/^\{"port".*\}$/m)
  return Said.parse(JSON.parse(said))
}

/** What half of the calls take at most, one after the other, each for a tag by chance. */
async function p50Us(client: GrpcClient | undefined, tags: number, calls: number): Promise<number> {
  const tookUs: number[] = []
  for (let call = 0; call < calls; call++) {
    const tag = liveTag(Math.floor(Math.random() * tags))
    const askedMs = performance.now()
    await client?.ask('goloves.v1.IdService/NextId', { tag })
    tookUs.push((performance.now() - askedMs) * 1000)
  }
  return spreadOf(tookUs).median
}

function finding(steps: z.infer<typeof Said>['steps'], among: number[], alone: number[]): Finding {
  const bytes = steps.map(({ tags, heap }) => heap / tags)
  return {
    rows: [
      {
        what: 'memory of an idle tag, bytes',
        beside: `${figure(BYTES_MAX)} bytes`,
        ours: bytes,
        other: steps.map(() => BYTES_MAX),
        bar: { atMost: 1 },
        isExact: true,
      },
      {
        what: `p50 of NextId with ${figure(TAGS)} live tags, µs`,
        beside: 'with 1 tag',
        ours: among,
        other: alone,
        bar: { atMost: 1.2 },
      },
    ],
    tables: [
      {
        title: 'Memory of live tags',
        head: ['tags', 'heap, MB', 'bytes of heap for each', 'RSS, MB'],
        lines: steps.map(({ tags, heap, rss }) =>
          [tags, heap / 1e6, heap / tags, rss / 1e6].map(figure),
        ),
      },
    ],
    notes: [
      'A tag that was asked once: it holds its generator and the chain of segments it leased for that.',
      'Heap: what is left after a full collection, less than before the first tag. RSS has garbage in it, too.',
      'Rows and leases are in memory, all else is the service as it is: to ask a database for so many would ' +
        'take minutes.',
      `p50: one call at a time over gRPC, ${figure(CALLS)} in a round, each for a tag by chance.`,
    ],
    picture: {
      title: 'p50 of NextId, µs',
      scale: 'linear',
      bars: [
        { name: 'with 1 tag', isOurs: true, figures: alone },
        { name: `with ${figure(TAGS)} tags`, isOurs: true, figures: among },
      ],
    },
  }
}
