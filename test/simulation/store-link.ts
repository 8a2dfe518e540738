import {
  type FreeWorker,
  type PoolSurvey,
  type WorkerHolder,
  type WorkerPool,
  type WorkerReach,
  WorkerRepository,
} from '../../internal/domain/generator/worker-repository.ts'
import type { Clock } from '../../pkg/clock/clock.ts'
import { storeUnavailable } from '../../pkg/errors/failures.ts'
import type { Dice } from './dice.ts'
import { calmFate, type Fate, roughFate } from './fate.ts'
import { GrantBook } from './grant-book.ts'
import type { Process } from './process.ts'
import type { Tally } from './tally.ts'
import type { WorkerStore } from './worker-store.ts'

/** The port's limit. */
const TIME_LIMIT_MS = 2_000
const RETRY_AFTER_MS = 500

export interface StoreLinkOptions {
  readonly store: WorkerStore
  readonly process: Process
  /** The true time. */
  readonly time: Clock
  readonly dice: Dice
  readonly faults: Tally
  /** In which share of all questions something goes wrong at present. */
  readonly roughness: () => number
}

/** The way between one process and the store, on which questions and answers get lost. */
export class StoreLink extends WorkerRepository {
  readonly grants = new GrantBook()
  /** When each question was sent, on the process's monotonic clock. */
  readonly sentMs: number[] = []
  readonly #options: StoreLinkOptions

  constructor(options: StoreLinkOptions) {
    super()
    this.#options = options
  }

  override survey(pool: WorkerPool, only?: number): Promise<PoolSurvey> {
    return this.#ask(({ workers }) => workers.survey(pool, only))
  }

  override async claim(holder: WorkerHolder, free: FreeWorker, reach: WorkerReach) {
    this.grants.asked(holder, free)
    return await this.#extend(holder, reach, ({ workers }) => workers.claim(holder, free, reach))
  }

  override async renew(holder: WorkerHolder, acked: number, reach: WorkerReach) {
    return await this.#extend(holder, reach, ({ workers }) => workers.renew(holder, acked, reach))
  }

  override release(holder: WorkerHolder, lastTick: number): Promise<void> {
    this.grants.released(holder, lastTick)
    return this.#ask(({ workers }) => workers.release(holder, lastTick))
  }

  async #extend(
    holder: WorkerHolder,
    reach: WorkerReach,
    statement: (store: WorkerStore) => Promise<boolean>,
  ): Promise<boolean> {
    const { process } = this.#options
    const askedMs = process.moment().monotonicMs
    const sentMs = process.host.monotonicMs()
    const isGranted = await this.#ask(statement)
    if (isGranted) this.grants.granted(holder, reach, askedMs, sentMs)
    else this.grants.refused(holder)
    return isGranted
  }

  /** Sends a statement on its way; the process hears of it in a step of its own. */
  #ask<T>(statement: (store: WorkerStore) => Promise<T>): Promise<T> {
    const { store, process, time } = this.#options
    this.sentMs.push(process.host.monotonicMs())
    const fate = this.#fate()
    return new Promise((resolve, reject) => {
      const hear = (news: () => void) => time.after(fate.backMs, () => process.enter(news, true))
      const fail = () => reject(storeUnavailable(RETRY_AFTER_MS))
      const callOff = process.after(TIME_LIMIT_MS, fail)
      const execute = (isHeard: boolean) => {
        if (store.outage === 'refuses') hear(fail)
        if (store.outage !== 'none') return
        void statement(store).then((answer) => {
          if (!isHeard) return
          hear(() => {
            callOff()
            resolve(answer)
          })
        })
      }
      this.#send(fate, execute, () => hear(fail))
    })
  }

  #send(
    { thereMs, againMs, lost, breaks, hearsLast }: Fate,
    execute: (isHeard: boolean) => void,
    tellOfLoss: () => void,
  ): void {
    const { time } = this.#options
    if (lost !== 'nothing' && breaks) tellOfLoss()
    if (lost === 'question') return
    const isHeard = lost === 'nothing'
    time.after(thereMs, () => execute(isHeard && !hearsLast))
    if (againMs !== undefined) time.after(thereMs + againMs, () => execute(isHeard && hearsLast))
  }

  #fate(): Fate {
    const { dice, faults, roughness } = this.#options
    if (!dice.chance(roughness())) return calmFate(dice)
    const { fate, kind } = roughFate(dice)
    faults.add(kind)
    return fate
  }
}
