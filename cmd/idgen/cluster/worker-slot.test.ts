import { beforeEach, describe, expect, test } from '@jest/globals'
import { ManualClock, settled } from '../../../test/support/manual-clock.ts'
import type { ToWorker } from './messages.ts'
import type { End } from './worker-process.ts'
import { WorkerSlot } from './worker-slot.ts'

const KILLED: End = { pid: 1, code: null, signal: 'SIGKILL', why: undefined }
const REFUSED: End = { pid: 1, code: 1, signal: null, why: 'The server loses commits.' }
const DRAINED: End = { pid: 1, code: 0, signal: null, why: undefined }
const HOUR_MS = 3_600_000

/** A process that does what the test says. */
class Puppet {
  readonly told: ToWorker[] = []
  readonly isReplacement: boolean
  readonly listen: () => void
  readonly ended: Promise<End>
  end: (end: End) => void = () => {}

  constructor(isReplacement: boolean, onListening: () => void) {
    this.isReplacement = isReplacement
    this.listen = onListening
    this.ended = new Promise((resolve) => {
      this.end = resolve
    })
  }

  tell(message: ToWorker): void {
    this.told.push(message)
  }

  kill(): void {
    this.end(KILLED)
  }
}

let clock: ManualClock
let puppets: Puppet[]
let faults: string[]
let logged: unknown[]
let slot: WorkerSlot

beforeEach(() => {
  clock = new ManualClock()
  puppets = []
  faults = []
  logged = []
  slot = new WorkerSlot({
    number: 2,
    launch: (isReplacement, onListening) => {
      const puppet = new Puppet(isReplacement, onListening)
      puppets.push(puppet)
      return puppet
    },
    onFault: ({ message }) => faults.push(message),
    clock,
    random: () => 0.5,
    logger: { warn: (details: unknown) => logged.push(details) },
  })
})

/** The process that runs, or the one that ran last. */
function latest(): Puppet {
  const puppet = puppets.at(-1)
  if (puppet === undefined) throw new Error('None was started.')
  return puppet
}

async function endWith(end: End): Promise<void> {
  latest().end(end)
  await settled()
}

describe('what the first process ends by', () => {
  test.each<[string, End, string]>([
    ['before it listens', KILLED, 'Worker process 2 ended at its start: SIGKILL.'],
    ['before it listens, with a reason', REFUSED, 'The server loses commits.'],
    ['before it listens, with an exit', DRAINED, 'Worker process 2 ended at its start: 0.'],
  ])('%s, is a fault of the program, and no other follows', async (_, end, fault) => {
    void slot.start()
    await endWith(end)
    await clock.advance(HOUR_MS)
    expect(faults).toEqual([fault])
    expect(puppets).toHaveLength(1)
    expect(logged).toEqual([])
    expect(await slot.stop()).toBe(true)
  })

  test('once it listens is a fault too, if it says that it can not serve', async () => {
    const listening = slot.start()
    latest().listen()
    await listening
    await endWith(REFUSED)
    await clock.advance(HOUR_MS)
    expect(faults).toEqual(['The server loses commits.'])
    expect(puppets).toHaveLength(1)
  })
})

describe('a process that has listened', () => {
  beforeEach(async () => {
    const listening = slot.start()
    latest().listen()
    await listening
  })

  test('is replaced at once after a long life', async () => {
    await clock.advance(30_000)
    await endWith(KILLED)
    expect(puppets.map(({ isReplacement }) => isReplacement)).toEqual([false, true])
    expect(logged).toEqual([{ process: 2, ...KILLED }])
    expect(faults).toEqual([])
  })

  test('is replaced after a while if it lived shortly, each time a longer one', async () => {
    for (const waitMs of [25, 50, 100, 200, 400, 800, 1600, 3200, 5000, 5000]) {
      const before = puppets.length
      await endWith(KILLED)
      await clock.advance(waitMs - 1)
      expect(puppets).toHaveLength(before)
      await clock.advance(1)
      expect(puppets).toHaveLength(before + 1)
    }
    await clock.advance(30_000)
    await endWith(KILLED)
    await endWith(KILLED)
    await clock.advance(25)
    expect(puppets).toHaveLength(13)
  })

  test('is replaced also if its replacement can not serve', async () => {
    for (const end of [KILLED, REFUSED, REFUSED]) {
      await endWith(end)
      await clock.advance(10_000)
    }
    expect(puppets).toHaveLength(4)
    expect(faults).toEqual([])
  })

  test('drains when it is asked to, and is not replaced', async () => {
    const stopped = slot.stop()
    expect(latest().told).toEqual([{ kind: 'stop' }])
    await endWith(DRAINED)
    expect(await stopped).toBe(true)
    await clock.advance(HOUR_MS)
    expect(puppets).toHaveLength(1)
    expect(logged).toEqual([])
  })

  test('that ends otherwise while it drains is told of, and is not replaced', async () => {
    const stopped = slot.stop()
    slot.kill()
    expect(await stopped).toBe(false)
    await clock.advance(HOUR_MS)
    expect(puppets).toHaveLength(1)
    expect(logged).toEqual([{ process: 2, ...KILLED }])
  })

  test('that has not listened yet may end by anything while the slot stops', async () => {
    await endWith(KILLED)
    await clock.advance(25)
    const stopped = slot.stop()
    await endWith(KILLED)
    expect(await stopped).toBe(true)
    expect(puppets).toHaveLength(2)
  })

  test('is not replaced any more once the slot stops', async () => {
    await endWith(KILLED)
    expect(await slot.stop()).toBe(true)
    await clock.advance(HOUR_MS)
    expect(puppets).toHaveLength(1)
    expect(clock.pending).toBe(0)
  })
})

test('a machine that lets no process start is a fault at the start', async () => {
  const refusing = new WorkerSlot({
    number: 1,
    launch: () => {
      throw new Error('spawn EAGAIN')
    },
    onFault: ({ message }) => faults.push(message),
    clock,
    random: () => 0.5,
    logger: { warn: () => {} },
  })
  void refusing.start()
  await settled()
  expect(faults).toEqual(['spawn EAGAIN'])
})
