import { getDefaultHighWaterMark } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { eventually, type GrpcRig, grpcRig, isStill } from '../../../test/support/grpc-rig.ts'
import { HostileConnection } from '../../../test/support/hostile-connection.ts'
import {
  call,
  FRAME,
  frame,
  framesIn,
  message,
  PREFACE,
  prefixed,
  question,
  settings,
  windowUpdate,
} from '../../../test/support/hostile-frames.ts'
import type { IdRange } from '../../domain/entity/id-range.ts'

// What a stream of questions looks like on the wire.

const CALL = call(1, '/goloves.v1.IdService/StreamIds')
const INITIAL_WINDOW = 4
const PREFIX_BYTES = 5

let rig: GrpcRig
let connection: HostileConnection
let asked: number
let release: () => void

beforeEach(async () => {
  asked = 0
  rig = await grpcRig({ nextIds: { execute } })
  connection = await HostileConnection.to(`127.0.0.1:${rig.port}`, PREFACE)
})
afterEach(async () => {
  connection.leave()
  await rig.stop()
})

/** Tags decide what the answer is: one short, one long, one that comes when it is released. */
function execute(tag: string): readonly IdRange[] | Promise<readonly IdRange[]> {
  asked += 1
  const range = { first: 1n, last: 1n }
  if (tag === 'long') return Array.from({ length: 100 }, () => range)
  if (tag !== 'late') return [range]
  return new Promise((resolve) => {
    release = () => resolve([range])
  })
}

/** What each DATA frame holds that came back. Whatever is written at once is in one, up to 16 KiB. */
function writes(): Buffer[] {
  const frames = framesIn(connection.text).filter(({ type }) => type === FRAME.data)
  return frames.map(({ payload }) => payload)
}

/** The sizes of the answers that have come back. */
function answers(): number[] {
  const bytes = Buffer.concat(writes())
  const sizes: number[] = []
  for (let at = 0; at + PREFIX_BYTES <= bytes.length; at += sizes.at(-1) ?? 0) {
    const size = PREFIX_BYTES + bytes.readUInt32BE(at + 1)
    if (at + size > bytes.length) break
    sizes.push(size)
  }
  return sizes
}

async function answered(count: number): Promise<void> {
  while (answers().length < count) await connection.news()
}

describe('questions that arrive together are answered in one write', () => {
  const questions = Array.from({ length: 100 }, () => question('short'))

  test.each([
    ['in one frame', frame(FRAME.data, 0, 1, Buffer.concat(questions.map((one) => prefixed(one))))],
    ['in a frame each', Buffer.concat(questions.map((one) => message(1, one)))],
  ])('%s', async (_, bytes) => {
    connection.send(Buffer.concat([settings(), CALL, bytes]))
    await answered(100)
    expect(writes()).toHaveLength(1)
    connection.send(bytes)
    await answered(200)
    expect(writes()).toHaveLength(2)
  })

  test('but for those that have to wait for theirs, which hold up no answer before them', async () => {
    const bytes = ['short', 'short', 'late', 'short', 'short'].map((tag) =>
      message(1, question(tag)),
    )
    connection.send(Buffer.concat([settings(), CALL, ...bytes]))
    await answered(2)
    expect(writes()).toHaveLength(1)
    expect(asked).toBe(3)
    release()
    await answered(5)
    expect(writes()).toHaveLength(2)
  })
})

test('a client that takes no answers has a bound to what is kept for it, and gets it later', async () => {
  connection.send(Buffer.concat([settings([INITIAL_WINDOW, 0]), CALL]))
  const bytes = message(1, question('long'))
  void connection.flood(1000, () => bytes)
  await eventually(isStill(() => asked))
  const kept = asked
  expect(writes()).toEqual([])
  connection.send(Buffer.concat([windowUpdate(0, 2 ** 30), windowUpdate(1, 2 ** 30)]))
  await answered(1000)
  const [size = 0] = answers()
  // What the stream holds by itself, one more, and those that grpc-js holds before it.
  expect(kept * size).toBeLessThanOrEqual(getDefaultHighWaterMark(false) + (1 + 16) * size)
}, 60_000)
