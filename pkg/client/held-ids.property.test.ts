import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { TAG } from '../../test/support/client-rig.ts'
import { countOf } from '../../test/support/count-of.ts'
import { settled } from '../../test/support/manual-clock.ts'
import { ScheduledClock } from '../../test/support/scheduled.ts'
import { type Fate, ScheduledTransport, Sequence } from '../../test/support/scheduled-transport.ts'
import { HeldIds } from './held-ids.ts'
import { idsIn } from './id-client.ts'
import { Route } from './route.ts'
import { Service } from './service.ts'

/**
 * Goal: whatever the order in which callers come, deadlines pass, and two instances answer, refuse or
 * lose what they are asked, no id leaves twice, no caller waits in vain, and no more is held than may be.
 * Method: fast-check's scheduler decides what happens next; after every step the invariants are checked.
 */

/** How many ids each way of asking is for. */
const COUNTS = { next: 1, nextNow: 1, take: 3 }

type Action = keyof typeof COUNTS

const actions = fc.array(fc.constantFrom<Action>('next', 'next', 'next', 'nextNow', 'take'), {
  minLength: 1,
  maxLength: 40,
})

const fates = fc.array(
  fc.constantFrom<Fate>('ids', 'ids', 'ids', 'verdict', 'unavailable', 'unheard', 'reply lost'),
  { maxLength: 12 },
)

class World {
  readonly clock: ScheduledClock
  readonly ids: bigint[] = []
  /** By how many ids a question went beyond what may be held. */
  readonly excesses: bigint[] = []
  waiting = 0
  readonly #scheduler: fc.Scheduler
  readonly #sequence: Sequence
  readonly #held: HeldIds
  readonly #heldMax: number
  /** How many ids went with a verdict. */
  #dropped = 0n
  /** How many ids may have left to a call that has not returned yet. */
  #taking = 0
  /** How many callers waited and got no id. */
  #left = 0
  #verdicts = 0

  constructor(scheduler: fc.Scheduler, fates: readonly Fate[], heldMax: number) {
    const clock = new ScheduledClock(scheduler)
    const random = () => 0
    const sequence = new Sequence(fates)
    const instances = [1, 2].map(() => [
      new Route({ transport: new ScheduledTransport(scheduler, sequence), clock, random }),
    ])
    const service = new Service({ instances, clock, random, deadlineMs: 60_000 })
    this.#held = new HeldIds({ tag: TAG, service, heldMax, clock, random })
    this.#scheduler = scheduler
    this.#sequence = sequence
    this.#heldMax = heldMax
    this.clock = clock
    sequence.onAsk = (count) => this.#checkBound(count)
  }

  async run(actions: readonly Action[]): Promise<void> {
    for (const action of actions) {
      void this.#scheduler.schedule(Promise.resolve(), action).then(() => this.#perform(action))
    }
    while (this.#scheduler.count() > 0) {
      await this.#scheduler.waitNext(1)
      await settled()
      this.#noticeVerdicts()
      if (this.waiting > 0) expect(this.#ready).toBe(0n)
    }
  }

  get #ready(): bigint {
    return countOf(this.#sequence.heard) - BigInt(this.ids.length) - this.#dropped
  }

  #perform(action: Action): void {
    this.#taking = COUNTS[action]
    if (action === 'next') this.#note(this.#held.next())
    else if (action === 'nextNow') this.#note(this.#held.nextNow())
    else for (const id of idsIn(this.#held.take(COUNTS.take) ?? [])) this.#note(id)
    this.#taking = 0
  }

  #note(id: bigint | Promise<bigint> | undefined): void {
    if (typeof id === 'bigint') this.ids.push(id)
    if (!(id instanceof Promise)) return
    this.waiting += 1
    const end = () => {
      this.waiting -= 1
    }
    id.then(
      (got) => {
        end()
        this.ids.push(got)
      },
      () => {
        end()
        this.#left += 1
      },
    )
  }

  /** A frozen tag's ids are let go. */
  #noticeVerdicts(): void {
    const { length } = this.#sequence.verdicts
    if (length > this.#verdicts) this.#dropped += this.#ready
    this.#verdicts = length
  }

  #checkBound(count: number): void {
    // Who waited when it was asked may have left since.
    const most = BigInt(this.#heldMax + this.waiting + this.#left + this.#taking)
    if (this.#ready + BigInt(count) > most) this.excesses.push(this.#ready + BigInt(count) - most)
  }
}

test('whatever the interleaving, each id leaves once, and no more are held than may be', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      actions,
      fates,
      fc.integer({ min: 1, max: 12 }),
      async (scheduler, actions, fates, heldMax) => {
        const world = new World(scheduler, fates, heldMax)
        await world.run(actions)
        expect(new Set(world.ids).size).toBe(world.ids.length)
        expect(world.excesses).toEqual([])
        expect(world.waiting).toBe(0)
        expect(world.clock.pending).toBe(0)
      },
    ),
    { numRuns: 300 },
  )
})
