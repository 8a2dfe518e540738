import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { countOf } from '../../test/support/count-of.ts'
import { settled } from '../../test/support/manual-clock.ts'
import { ScheduledClock } from '../../test/support/scheduled.ts'
import {
  type Fate,
  ScheduledTransport,
  Sequence,
  type Verdict,
} from '../../test/support/scheduled-transport.ts'
import { GolovesError } from '../errors/goloves-error.ts'
import { MergeClient } from './merge.ts'
import { Route } from './route.ts'
import { Service } from './service.ts'

/**
 * Goal: whatever the order in which callers come, turns end, and calls of the service are answered,
 * refused or lost, each caller gets an id of its own in the order of the calls, or its own error.
 * Method: fast-check's scheduler decides what happens next.
 */

const TAGS = ['order-service', 'invoice-service'] as const

const DEADLINE_MS = 60_000

/** What a caller can be told where nothing but a verdict ends a question before its deadline. */
const TELLABLE = ['TAG_FROZEN', 'DEADLINE_EXCEEDED', 'SHUTTING_DOWN', 'STORE_UNAVAILABLE']

/** So many calls at once, one after the other. */
interface Burst {
  readonly tag: (typeof TAGS)[number]
  readonly calls: number
}

interface Call {
  readonly tag: string
  id: bigint | undefined
  error: GolovesError | undefined
}

const bursts = fc.array(
  fc.record({ tag: fc.constantFrom(...TAGS), calls: fc.integer({ min: 1, max: 5 }) }),
  { minLength: 1, maxLength: 15 },
)

const fates = fc.array(
  fc.constantFrom<Fate>('ids', 'ids', 'ids', 'verdict', 'unavailable', 'unheard', 'reply lost'),
  { maxLength: 12 },
)

/** Its deadlines never come; its pauses end when the scheduler says so. */
class PatientClock extends ScheduledClock {
  override after(ms: number, wake: () => void): () => void {
    return ms < DEADLINE_MS / 2 ? super.after(ms, wake) : () => {}
  }
}

class World {
  readonly sequence: Sequence
  readonly calls: Call[] = []
  readonly #scheduler: fc.Scheduler
  readonly #client: MergeClient

  constructor(scheduler: fc.Scheduler, fates: readonly Fate[], clock: ScheduledClock) {
    this.#scheduler = scheduler
    this.sequence = new Sequence(fates)
    const transport = new ScheduledTransport(scheduler, this.sequence)
    const random = () => 0
    const instances = [[new Route({ transport, clock, random })]]
    const service = new Service({ instances, clock, random, deadlineMs: DEADLINE_MS })
    this.#client = new MergeClient(service, clock)
  }

  async run(bursts: readonly Burst[]): Promise<void> {
    for (const { tag, calls } of bursts) {
      void this.#scheduler.schedule(Promise.resolve(), `${calls} calls of ${tag}`).then(() => {
        for (let call = 0; call < calls; call++) this.#call(tag)
      })
    }
    while (this.#scheduler.count() > 0) {
      await this.#scheduler.waitNext(1)
      await settled()
    }
  }

  #call(tag: string): void {
    const call: Call = { tag, id: undefined, error: undefined }
    this.calls.push(call)
    this.#client.nextId(tag).then(
      (id) => {
        call.id = id
      },
      (error: unknown) => {
        call.error = GolovesError.from(error)
      },
    )
  }
}

/** Every call has come to an end, with an id that no other has and that is above those before it. */
function checkIds({ calls }: World): void {
  for (const { id, error } of calls) expect([id, error]).toContain(undefined)
  for (const { id, error } of calls) expect(id ?? error).toBeDefined()
  for (const tag of TAGS) {
    const ids = calls.filter((call) => call.tag === tag).flatMap(({ id }) => id ?? [])
    expect(ids).toEqual(ids.toSorted((one, other) => Number(one - other)))
  }
  const ids = calls.flatMap(({ id }) => id ?? [])
  expect(new Set(ids).size).toBe(ids.length)
}

function callsToldOf({ calls }: World, { message, tag }: Verdict): number[] {
  const ofTag = calls.filter((call) => call.tag === tag)
  return [...ofTag.keys()].filter((index) => ofTag[index]?.error?.message === message)
}

test('each gets its own id, in the order of the calls; an error reaches those whom it concerns', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), bursts, fates, async (scheduler, bursts, fates) => {
      const world = new World(scheduler, fates, new PatientClock(scheduler))
      await world.run(bursts)
      checkIds(world)
      const { calls, sequence } = world
      for (const verdict of sequence.verdicts) {
        const told = callsToldOf(world, verdict)
        expect(told).toHaveLength(verdict.count)
        expect(told).toEqual(told.map((_, index) => (told[0] ?? 0) + index))
      }
      const refused = sequence.verdicts.reduce((sum, { count }) => sum + count, 0)
      expect(calls.filter(({ error }) => error !== undefined)).toHaveLength(refused)
      // Nobody's id is fetched, and nobody's is lost.
      expect(countOf(sequence.heard)).toBe(BigInt(calls.length - refused))
    }),
    { numRuns: 300 },
  )
})

test('so it is with deadlines that come at any time', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), bursts, fates, async (scheduler, bursts, fates) => {
      const clock = new ScheduledClock(scheduler)
      const world = new World(scheduler, fates, clock)
      await world.run(bursts)
      checkIds(world)
      for (const verdict of world.sequence.verdicts) {
        expect(callsToldOf(world, verdict).length).toBeLessThanOrEqual(verdict.count)
      }
      const told = world.calls.flatMap(({ error }) => error?.code ?? [])
      expect(TELLABLE).toEqual(expect.arrayContaining([...new Set(told)]))
      expect(clock.pending).toBe(0)
    }),
    { numRuns: 300 },
  )
})
