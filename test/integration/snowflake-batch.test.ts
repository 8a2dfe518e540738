import { setTimeout as pause } from 'node:timers/promises'
import { beforeAll, expect, test } from '@jest/globals'
import { z } from 'zod'
import { SnowflakeLayout } from '../../internal/domain/entity/snowflake-layout.ts'
import { type Answered, ensureDisjoint, ensureIncreasing } from '../support/answered.ts'
import { countOf } from '../support/count-of.ts'
import { eventually } from '../support/eventually.ts'
import { type RunningService, serveReady } from '../support/running-service.ts'

/**
 * Goal: NextIds of 100,000 takes about the 25 ms for which the bits of `twitter` suffice, and holds up
 * nobody who asks for another tag.
 * Method: while a batch is under way another tag is asked for one id after the other; and the same for 25
 * ms without a batch. Both tags have the layout `twitter`, so the ids themselves tell which left between
 * the first and the last of a batch. How long calls take is printed, and depends on the machine.
 */

const BATCHES = 20
const BATCH = 100_000
const BATCH_MS = 25
const BATCHED = 'snowflake'
const OTHER = 'photos'

interface Call {
  readonly tookMs: number
  readonly tick: number
}

const Int64 = z.string().transform(BigInt)
const Ranges = z.object({ ranges: z.array(z.object({ first: Int64, last: Int64 })) })

const twitter = SnowflakeLayout.parse('twitter')
let service: RunningService

beforeAll(async () => {
  service = await serveReady(['--worker-lease-ms', '1000'])
  await service.http('POST', '/v1/tags', { tag: OTHER, layout: twitter.name })
  for (const tag of [BATCHED, OTHER]) {
    await eventually(
      () => service.http('POST', `/v1/tags/${tag}:nextId`),
      ({ status }) => status === 200,
    )
  }
  // What is done for the first time takes longer.
  await callsUntil(takeBatch())
})

test('ids of another tag leave while a batch of 25 ticks is under way', async () => {
  const batches: Answered[] = []
  const beside: Call[] = []
  const alone: Call[] = []
  for (let round = 0; round < BATCHES; round++) {
    const batch = takeBatch()
    beside.push(...(await callsUntil(batch)))
    batches.push(await batch)
    alone.push(...(await callsUntil(pause(BATCH_MS))))
  }

  for (const { ranges } of batches) expect(countOf(ranges)).toBe(BigInt(BATCH))
  ensureIncreasing(batches)
  ensureDisjoint(batches.flatMap(({ ranges }) => ranges))
  const between = beside.filter(({ tick }) => batches.some((batch) => isWithin(batch, tick)))
  expect(between.length).toBeGreaterThanOrEqual(BATCHES)
  const took = batches.map(({ beganMs, endedMs }) => endedMs - beganMs)
  process.stdout.write(
    `NextIds of ${BATCH}: ${shown(took)}; NextId of another tag meanwhile: ` +
      `${shown(beside.map(({ tookMs }) => tookMs))}; otherwise: ` +
      `${shown(alone.map(({ tookMs }) => tookMs))}\n`,
  )
})

async function takeBatch(): Promise<Answered> {
  const request = { tag: BATCHED, count: BATCH }
  const beganMs = performance.now()
  const reply = await service.ask('goloves.v1.IdService/NextIds', request)
  return { beganMs, endedMs: performance.now(), ...Ranges.parse(reply) }
}

/** Asks for one id of the other tag after the other, until something is over. */
async function callsUntil(end: Promise<unknown>): Promise<Call[]> {
  let isOver = false
  const over = () => {
    isOver = true
  }
  void end.then(over, over)
  const calls: Call[] = []
  while (!isOver) {
    const beganMs = performance.now()
    const id = await service.nextIdByGrpc(OTHER)
    calls.push({ tookMs: performance.now() - beganMs, tick: twitter.unpack(id).tick })
  }
  return calls
}

/** Whether a tick lies after the first of a batch and before the last. */
function isWithin({ ranges }: Answered, tick: number): boolean {
  const ends = ranges.flatMap(({ first, last }) => [first, last])
  const ticks = ends.map((id) => twitter.unpack(id).tick)
  return Math.min(...ticks) < tick && tick < Math.max(...ticks)
}

function shown(ms: readonly number[]): string {
  const sorted = ms.toSorted((one, other) => one - other)
  const [median = 0, worst = 0] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)]
  return `median ${median.toFixed(1)} ms, worst ${worst.toFixed(1)} ms`
}
