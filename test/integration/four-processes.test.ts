import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { z } from 'zod'
import { type Answered, ensureDisjoint, ensureIncreasing } from '../support/answered.ts'
import { countOf } from '../support/count-of.ts'
import { mysqlTestDatabase, type TestDatabase } from '../support/database.ts'
import { GrpcClient } from '../support/grpc-client.ts'
import { ensureWithin, leasedRanges } from '../support/leased-ranges.ts'
import { Program } from '../support/program.ts'

/**
 * Goal: promise 1 across operating-system processes, promises 2 and 3 in each of them.
 * Method: four services on one MariaDB, all tags shared, both buffers, both sizings; callers mix NextId,
 * NextIds of 1 to 5000 and streams; at the end every id that left is compared with every other, and
 * with the ranges that the processes leased.
 */

const PROCESSES = 4
const TAGS = [
  { tag: 'chain-1000', step: 1000, buffer: 'chain' },
  { tag: 'double-1000', step: 1000, buffer: 'double' },
  { tag: 'double-100', step: 100, buffer: 'double' },
] as const
const IDS_MIN = 1_000_000

const Int64 = z.string().transform(BigInt)
const OneId = z.object({ id: Int64 })
const Ranges = z.object({ ranges: z.array(z.object({ first: Int64, last: Int64 })) })
const StreamAnswer = z.object({ ranges: Ranges })

const FLAGS = ['--grpc-port', '0', '--http-port', '0', '--shutdown-drain-delay-ms', '0']

let database: TestDatabase

beforeAll(async () => {
  database = await mysqlTestDatabase()
})

afterAll(async () => {
  await database.drop()
})

test('four processes on one MariaDB hand out a million ids, none twice', async () => {
  const env = { GOLOVES_STORE_URL: database.url, GOLOVES_STORE_MIGRATE: 'true' }
  const programs = Array.from({ length: PROCESSES }, (_, index) => {
    const sizing = index % 2 === 0 ? 'adaptive' : 'fixed'
    return Program.idgen([...FLAGS, '--segment-sizing', sizing, '--log-level', 'debug'], { env })
  })
  const ports = await Promise.all(programs.map(portOf))
  await createTags(ports[0] ?? 0)

  const answers = await Promise.all(ports.map(loadOf))
  const ended = await Promise.all(programs.map((program) => program.end('SIGTERM')))
  expect(ended.map(({ code }) => code)).toEqual(programs.map(() => 0))

  let ids = 0n
  for (const { tag } of TAGS) {
    const perProcess = answers.map((byTag) => byTag.get(tag) ?? [])
    const ranges = perProcess.flat().flatMap((answer) => answer.ranges)
    ids += countOf(ranges)
    ensureDisjoint(ranges)
    for (const ofProcess of perProcess) ensureIncreasing(ofProcess)
    const leased = ended.map(({ stderr }) => leasedRanges(stderr, tag))
    ensureDisjoint(leased.flat())
    for (const [process, ofProcess] of perProcess.entries()) {
      ensureWithin(
        ofProcess.flatMap((answer) => answer.ranges),
        leased[process] ?? [],
      )
    }
  }
  expect(ids).toBeGreaterThanOrEqual(IDS_MIN)
}, 120_000)

async function portOf(program: Program): Promise<number> {
  await program.said(/"msg":"Ready"/)
  return Number((await program.said(/gRPC on \S+:(\d+),/))[1])
}

async function createTags(port: number): Promise<void> {
  const admin = new GrpcClient(port)
  for (const { tag, step, buffer } of TAGS) {
    const request = { tag, step, buffer: `BUFFER_${buffer.toUpperCase()}` }
    await admin.ask('goloves.v1.TagService/CreateTag', request)
  }
  admin.close()
}

/** All callers of one process at once. */
async function loadOf(port: number): Promise<Map<string, Answered[]>> {
  const client = new GrpcClient(port)
  const answers = new Map<string, Answered[]>()
  const loops = TAGS.flatMap(({ tag }) => {
    const list: Answered[] = []
    answers.set(tag, list)
    return [
      ...Array.from({ length: 4 }, () => takeOneByOne(client, tag, 300, list)),
      ...Array.from({ length: 2 }, () => takeMany(client, tag, 14, list)),
      takeByStream(client, tag, 12, list),
    ]
  })
  await Promise.all(loops)
  client.close()
  return answers
}

async function takeOneByOne(client: GrpcClient, tag: string, calls: number, answers: Answered[]) {
  for (let call = 0; call < calls; call++) {
    const beganMs = performance.now()
    const { id } = OneId.parse(await client.ask('goloves.v1.IdService/NextId', { tag }))
    answers.push({ beganMs, endedMs: performance.now(), ranges: [{ first: id, last: id }] })
  }
}

async function takeMany(client: GrpcClient, tag: string, calls: number, answers: Answered[]) {
  for (let call = 0; call < calls; call++) {
    const count = sizeOfCall(call)
    const beganMs = performance.now()
    const reply = await client.ask('goloves.v1.IdService/NextIds', { tag, count })
    const { ranges } = Ranges.parse(reply)
    expect(countOf(ranges)).toBe(BigInt(count))
    answers.push({ beganMs, endedMs: performance.now(), ranges })
  }
}

async function takeByStream(
  client: GrpcClient,
  tag: string,
  questions: number,
  answers: Answered[],
) {
  const stream = client.stream(60_000)
  for (let question = 0; question < questions; question++) {
    const count = sizeOfCall(question)
    const beganMs = performance.now()
    const answered = once(stream, 'data')
    stream.write({ tag, count })
    const [reply] = await answered
    const { ranges } = StreamAnswer.parse(reply).ranges
    expect(countOf(ranges)).toBe(BigInt(count))
    answers.push({ beganMs, endedMs: performance.now(), ranges })
  }
  stream.end()
  stream.resume()
  await once(stream, 'end')
}

/** 1 to 5000, each about as often as another. */
function sizeOfCall(call: number): number {
  return call === 0 ? 1 : call === 1 ? 5000 : 1 + ((call * 2741) % 5000)
}
