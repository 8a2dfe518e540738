import type { Clock } from '../../pkg/clock/clock.ts'
import { storeUnavailable } from '../../pkg/errors/failures.ts'
import type { Dice } from './dice.ts'
import { calmFate, type Fate, roughFate } from './fate.ts'
import type { Process } from './process.ts'
import type { Tally } from './tally.ts'

/** A database that can be away, and then whoever asks is told so or waits in vain. */
export interface Server {
  readonly outage: 'none' | 'refuses' | 'hangs'
}

export interface WireOptions {
  readonly process: Process
  /** The true time. */
  readonly time: Clock
  readonly dice: Dice
  readonly faults: Tally
  /** In which share of all questions something goes wrong at present. */
  readonly roughness: () => number
}

/** The limit of a question that comes without one, in milliseconds. */
const TIME_LIMIT_MS = 2_000
/** Whoever gives up a question may still hear its answer for so long. */
const DEAF_AFTER_MS = 30
const RETRY_AFTER_MS = 500

/** The way between one process and a database, on which questions and answers get lost. */
export class Wire {
  /** When each question was sent, on the process's monotonic clock. */
  readonly sentMs: number[] = []
  /** When each question failed that it was told of, on that clock. */
  readonly failedMs: number[] = []
  readonly #server: Server
  readonly #options: WireOptions

  constructor(server: Server, options: WireOptions) {
    this.#server = server
    this.#options = options
  }

  /**
   * Sends a statement on its way; the process hears of it in a step of its own.
   *
   * @param statement What the database does, in one step, as often as it is executed.
   * @param signal Ends the question, which has a limit of its own otherwise.
   */
  ask<T>(statement: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const { process, time, dice } = this.#options
    this.sentMs.push(process.host.monotonicMs())
    const fate = this.#fate()
    return new Promise((resolve, reject) => {
      const hear = (news: () => void) => time.after(fate.backMs, () => process.enter(news, true))
      const fail = () => {
        this.failedMs.push(process.host.monotonicMs())
        reject(storeUnavailable(RETRY_AFTER_MS))
      }
      const callOff = signal === undefined ? process.after(TIME_LIMIT_MS, fail) : () => {}
      signal?.addEventListener('abort', () => {
        process.after(dice.between(0, DEAF_AFTER_MS), fail)
      })
      const answer = (settle: () => void) =>
        hear(() => {
          callOff()
          settle()
        })
      const execute = (isHeard: boolean) => {
        const { outage } = this.#server
        if (outage === 'refuses') answer(fail)
        if (outage !== 'none') return
        void statement().then(
          (value) => isHeard && answer(() => resolve(value)),
          (fault) => isHeard && answer(() => reject(fault)),
        )
      }
      this.#send(fate, execute, () => answer(fail))
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
