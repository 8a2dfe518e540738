import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import type { SegmentRepository } from '../../../internal/domain/generator/segment-repository.ts'
import { MemoryStore } from '../../../internal/repository/memory-store.ts'
import { MemorySegmentRepository } from '../../../internal/repository/segment/memory-segment-repository.ts'
import { SystemClock } from '../../../pkg/clock/system-clock.ts'
import { aTag } from '../../support/a-tag.ts'
import { loneGenerator } from '../../support/lone-generator.ts'
import { SlowStore } from '../../support/slow-store.ts'
import { TestCaller } from '../../support/test-caller.ts'
import { ROUNDS_MIN } from '../statistics.ts'
import { BUFFERS } from './buffers.ts'
import { NaiveSegment } from './naive-segment.ts'
import { NAIVE } from './names.ts'

// node lease-latency.ts STEP PER_SECOND ROUND_MS LATENCY_MS: asks our buffers and the naive segment for one
// id at a time, at a fixed rate and all at the same moments, each on a store that takes so long for a lease.
// Says of each what share of its calls waited in each round, and how long they took in all.

const WARM_ROUNDS = 2
const PATIENCE_MS = 20_000
const [step = 0, perSecond = 0, roundMs = 0, latencyMs = 0] = process.argv.slice(2).map(Number)

const clock = new SystemClock()

class Asked {
  readonly name: string
  readonly waitedShares: number[] = []
  readonly #next: () => bigint | Promise<bigint>
  readonly #latencies: RecordableHistogram = createHistogram({ figures: 3 })
  #highest = 0n
  #waited = 0
  #calls = 0
  readonly #waiting = new Set<Promise<void>>()

  constructor(name: string, next: () => bigint | Promise<bigint>) {
    this.name = name
    this.#next = next
  }

  /** @param dueMs When the call was due: it may have been held up itself. */
  call(dueMs: number): void {
    this.#calls += 1
    const id = this.#next()
    if (typeof id === 'bigint') {
      this.#answered(id, dueMs)
      return
    }
    this.#waited += 1
    const waiting = id.then((late) => {
      this.#answered(late, dueMs)
      this.#waiting.delete(waiting)
    })
    this.#waiting.add(waiting)
  }

  async endRound(isCounted: boolean): Promise<void> {
    await Promise.all(this.#waiting)
    if (isCounted) this.waitedShares.push(this.#waited / this.#calls)
    else this.#latencies.reset()
    this.#waited = 0
    this.#calls = 0
  }

  told() {
    const [p50Us, p999Us, maxUs] = [50, 99.9, 100].map((of) => this.#latencies.percentile(of))
    const { name, waitedShares } = this
    return { name, waitedShares, all: { p50Us, p999Us, maxUs } }
  }

  #answered(id: bigint, dueMs: number): void {
    if (id <= this.#highest) throw new Error(`${this.name}: ${id} came after ${this.#highest}.`)
    this.#highest = id
    this.#latencies.record(Math.max(1, Math.round((performance.now() - dueMs) * 1000)))
  }
}

function newStore(): SegmentRepository {
  if (latencyMs > 0) return new SlowStore(clock, latencyMs, 1n)
  const store = new MemoryStore()
  store.save(aTag({ step }))
  return new MemorySegmentRepository(store)
}

function everybody(): Asked[] {
  const tag = aTag({ step })
  const ours = [...BUFFERS].map(([name, policy]) => {
    const generator = loneGenerator({ tag, segments: newStore(), policy, clock })
    return new Asked(name, () => generator.next(new TestCaller(clock, PATIENCE_MS)))
  })
  const naive = new NaiveSegment(tag, newStore())
  return [...ours, new Asked(NAIVE, () => naive.next())]
}

/** Asks all of them when a call is due, and makes up for what was due meanwhile. */
async function askAll(asked: readonly Asked[]): Promise<void> {
  const beganMs = performance.now()
  const calls = Math.round((perSecond * roundMs) / 1000)
  for (let call = 0; call < calls; ) {
    const dueMs = beganMs + (call * 1000) / perSecond
    if (performance.now() < dueMs) {
      await clock.sleep(1)
      continue
    }
    for (const one of asked) one.call(dueMs)
    call += 1
  }
}

const asked = everybody()
for (let round = -WARM_ROUNDS; round < ROUNDS_MIN; round++) {
  await askAll(asked)
  await Promise.all(asked.map((one) => one.endRound(round >= 0)))
}
process.stdout.write(`${JSON.stringify(asked.map((one) => one.told()))}\n`)
