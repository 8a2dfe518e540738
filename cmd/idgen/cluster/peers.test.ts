import { beforeEach, describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import { ManualClock, settled } from '../../../test/support/manual-clock.ts'
import type { ToWorker } from './messages.ts'
import { NoPeers, ProcessPeers, type Topic } from './peers.ts'
import { Switchboard } from './switchboard.ts'

// Processes and their primary, without the wires between them.

const SUM: Topic<bigint, bigint> = { name: 'sum', about: z.bigint(), answer: z.bigint() }
const LIMIT_MS = 500
const QUESTIONS_MAX = 1000

let clock: ManualClock
let switchboard: Switchboard

beforeEach(() => {
  clock = new ManualClock()
  switchboard = new Switchboard()
})

/** A process that answers with the sum of its number and what it is asked about. */
class Process {
  readonly peers: ProcessPeers
  readonly asked: bigint[] = []
  /** What it was told and has not heard yet. */
  readonly inbox: ToWorker[] = []
  isStopped = false

  constructor(id: number) {
    this.peers = new ProcessPeers((message) => {
      if (message.kind === 'ask') switchboard.ask(id, message)
      if (message.kind === 'answer') switchboard.answer(id, message)
    }, clock)
    this.peers.answer(SUM, (about) => {
      this.asked.push(about)
      if (about < 0n) throw new RangeError('That is too little.')
      return about + BigInt(id)
    })
    switchboard.connect(id, (message) => {
      this.inbox.push(message)
      if (!this.isStopped) this.goOn()
    })
  }

  goOn(): void {
    this.isStopped = false
    for (const message of this.inbox.splice(0)) this.peers.hear(message)
  }
}

function threeProcesses(): [Process, Process, Process] {
  const all: [Process, Process, Process] = [new Process(1), new Process(2), new Process(3)]
  for (const id of [1, 2, 3]) switchboard.include(id)
  return all
}

test('a question goes to all others, and their answers come back', async () => {
  const [one, two, third] = threeProcesses()
  expect(await one.peers.ask(SUM, 2n ** 62n)).toEqual({
    answers: [2n ** 62n + 2n, 2n ** 62n + 3n],
    silent: 0,
  })
  expect([one.asked, two.asked, third.asked]).toEqual([[], [2n ** 62n], [2n ** 62n]])
  expect(clock.pending).toBe(0)
})

test('questions that cross each other each get their own answers', async () => {
  const all = threeProcesses()
  const sums = await Promise.all(all.map(({ peers }, index) => peers.ask(SUM, BigInt(10 * index))))
  expect(sums.map(({ answers }) => answers)).toEqual([
    [2n, 3n],
    [11n, 13n],
    [21n, 22n],
  ])
})

test('one that does not answer in time is left out, which is said, and so is a late answer', async () => {
  const [one, two] = threeProcesses()
  two.isStopped = true
  const asked = one.peers.ask(SUM, 1n)
  await clock.advance(LIMIT_MS)
  expect(await asked).toEqual({ answers: [4n], silent: 1 })
  two.goOn()
  expect(await one.peers.ask(SUM, 2n)).toEqual({ answers: [4n, 5n], silent: 0 })
  expect(clock.pending).toBe(0)
})

test('one that does not understand the question, or its asker the answer, is left out at once', async () => {
  const [one, two] = threeProcesses()
  expect(await one.peers.ask(SUM, -1n)).toEqual({ answers: [], silent: 2 })
  two.peers.answer({ ...SUM, answer: z.string() }, () => 'many')
  expect(await one.peers.ask(SUM, 1n)).toEqual({ answers: [4n], silent: 1 })
  expect(await one.peers.ask({ ...SUM, name: 'product' }, 1n)).toEqual({ answers: [], silent: 2 })
})

test('one that does not serve yet is not asked, but may ask', async () => {
  const [one] = threeProcesses()
  const late = new Process(4)
  expect((await one.peers.ask(SUM, 1n)).answers).toHaveLength(2)
  expect((await late.peers.ask(SUM, 1n)).answers).toHaveLength(3)
  expect(late.asked).toEqual([])
  switchboard.disconnect(4)
  expect((await one.peers.ask(SUM, 1n)).silent).toBe(0)
})

test('a lone process has nobody to ask', async () => {
  const lone = new Process(1)
  switchboard.include(1)
  expect(await lone.peers.ask(SUM, 1n)).toEqual({ answers: [], silent: 0 })
  expect(await new NoPeers().ask(SUM)).toEqual({ answers: [], silent: 0 })
})

describe('what piles up while a process stands still is bounded:', () => {
  test('what waits for it', async () => {
    const [one, two] = threeProcesses()
    two.isStopped = true
    const asked = Array.from({ length: QUESTIONS_MAX + 100 }, () => one.peers.ask(SUM, 1n))
    await clock.advance(LIMIT_MS)
    await Promise.all(asked)
    const more = one.peers.ask(SUM, 1n)
    await clock.advance(LIMIT_MS)
    expect(await more).toEqual({ answers: [4n], silent: 1 })
    expect(two.inbox).toHaveLength(QUESTIONS_MAX)
    two.goOn()
    await settled()
    expect(await one.peers.ask(SUM, 1n)).toMatchObject({ silent: 0 })
  })

  test('what waits for the primary', async () => {
    const sent: unknown[] = []
    const peers = new ProcessPeers((message) => sent.push(message), clock)
    const asked = Array.from({ length: QUESTIONS_MAX }, () => peers.ask(SUM, 1n))
    expect(await peers.ask(SUM, 1n)).toEqual({ answers: [], silent: 1 })
    await clock.advance(LIMIT_MS)
    expect(await asked[0]).toEqual({ answers: [], silent: 1 })
    expect(await peers.ask(SUM, 1n)).toEqual({ answers: [], silent: 1 })
    expect(sent).toHaveLength(QUESTIONS_MAX)
  })
})
