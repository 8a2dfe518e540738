import type { IdRange } from '../../internal/domain/entity/id-range.ts'
import { migrate } from '../../internal/repository/migration.ts'
import { KnexTagRepository } from '../../internal/repository/tag/knex-tag-repository.ts'
import { SystemClock } from '../../pkg/clock/system-clock.ts'
import { Tally } from '../simulation/tally.ts'
import { ensureDisjoint, ensureIncreasing } from '../support/answered.ts'
import { countOf } from '../support/count-of.ts'
import { eventually } from '../support/eventually.ts'
import { Load } from '../support/load.ts'
import { newTag } from '../support/new-tag.ts'
import { type RunningService, serveReady } from '../support/running-service.ts'
import { openDatabase } from '../support/store-rig.ts'
import { type Engine, urlOf } from './engine.ts'

const COUNT = 4
const STEP = 100

/** Tags whose instances lease all the time, so that they are dry as soon as they cannot. */
const DRY = ['chain', 'double'] as const
/** A tag of which so many ids are in memory that they outlast everything. */
export const AMPLE = 'ample'
const AMPLE_STEP = 200_000_000
export const TAGS = [...DRY, AMPLE, 'snowflake']

/** What a caller may be told of a tag that is dry while something fails. */
export const REFUSALS = ['STORE_UNAVAILABLE', 'DEADLINE_EXCEEDED']

/** How long after a failure everything goes on at the latest. */
export const RECOVERY_LIMIT_MS = 90_000

interface Instance {
  readonly service: RunningService
  readonly load: Load
  /** How often its callers were refused before it had given ids of all tags. */
  refusedAtFirst: number
}

/** Four services on one engine, each with another order of its servers, and the load on them. */
export class Instances {
  readonly #all: readonly Instance[]

  private constructor(all: readonly Instance[]) {
    this.#all = all
  }

  /** Creates the tags, and waits until each instance has given ids of all of them. */
  static async start(engine: Engine, ...args: string[]): Promise<Instances> {
    const database = openDatabase(urlOf(engine))
    await migrate(database, AbortSignal.timeout(20_000))
    const tags = new KnexTagRepository(database, new SystemClock(), { name: 'test', address: '' })
    for (const buffer of DRY) await tags.create(newTag(buffer, { buffer, step: STEP }))
    await tags.create(newTag(AMPLE, { step: AMPLE_STEP }))
    await database.close()
    const all = await Promise.all(
      Array.from({ length: COUNT }, async (_, n) => {
        const sizing = ['--segment-sizing', 'fixed', '--segment-reserve-s', '0']
        const service = await serveReady([...sizing, ...args, '--store-url', urlOf(engine, n)])
        const port = Number(service.grpcAddress.split(':').at(-1))
        return { service, load: new Load(port, TAGS, 3 * STEP), refusedAtFirst: 0 }
      }),
    )
    const instances = new Instances(all)
    // A table of worker ids that is new makes everybody wait first.
    await instances.untilAnswered()
    for (const instance of all) instance.refusedAtFirst = instance.load.refusals.length
    return instances
  }

  /** Until every instance has answered each tag by a call that began from now on. */
  async untilAnswered(): Promise<void> {
    const nowMs = performance.now()
    const begun = async () =>
      this.#all.flatMap(({ load }) => TAGS.map((tag) => load.answers(tag).at(-1)?.beganMs ?? 0))
    const everywhere = (all: number[]) => all.every((beganMs) => beganMs > nowMs)
    await eventually(begun, everywhere, RECOVERY_LIMIT_MS)
  }

  /** The longest time in which an instance answered no call for a tag, since `fromMs`. */
  longestPauseMs(tag: string, fromMs: number): number {
    const pauses = this.#all.map(({ load }) => {
      const ended = load.answers(tag).map(({ endedMs }) => endedMs)
      const times = [fromMs, ...ended.filter((ms) => ms > fromMs).sort((a, b) => a - b)]
      return Math.max(...times.slice(1).map((ms, n) => ms - (times[n] ?? ms)))
    })
    return Math.max(...pauses)
  }

  /** The codes that callers were refused with since the start. */
  refusals(): ReadonlyMap<string, number> {
    const codes = this.#all.flatMap(({ load, refusedAtFirst }) =>
      load.refusals.slice(refusedAtFirst),
    )
    const refusals = new Tally()
    for (const code of codes) refusals.add(code)
    return refusals.byKind
  }

  /**
   * Stops all of them cleanly, and compares every id that left with every other of its tag.
   *
   * @returns How many ids left of each tag. @throws Error if one left twice, or out of order.
   */
  async end(): Promise<ReadonlyMap<string, bigint>> {
    await Promise.all(this.#all.map(({ load }) => load.stop()))
    const ended = await Promise.all(this.#all.map(({ service }) => service.stop()))
    const failed = ended.find(({ code }) => code !== 0)
    if (failed) throw new Error(`A service did not end cleanly:\n${failed.stderr}`)
    for (const { load } of this.#all) for (const tag of TAGS) ensureIncreasing(load.answers(tag))
    return new Map(
      TAGS.map((tag) => {
        const ranges = this.#rangesOf(tag)
        ensureDisjoint(ranges)
        return [tag, countOf(ranges)]
      }),
    )
  }

  #rangesOf(tag: string): IdRange[] {
    return this.#all.flatMap(({ load }) => load.answers(tag).flatMap(({ ranges }) => ranges))
  }
}
