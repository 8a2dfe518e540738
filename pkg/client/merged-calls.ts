import type { TagName } from '../../internal/domain/entity/tag.ts'
import type { Clock } from '../clock/clock.ts'
import { deadlineExceeded, overloaded } from '../errors/failures.ts'
import { GolovesError } from '../errors/goloves-error.ts'
import { idsIn } from './id-client.ts'
import type { Question } from './question.ts'
import type { Service } from './service.ts'

/** How many calls of one tag may wait. */
const CALLS_MAX = 100_000
const RETRY_AFTER_MS = 1000

export interface MergedCallsOptions {
  readonly tag: TagName
  readonly service: Service
  readonly clock: Clock
  /** Told when no call is left. */
  readonly onIdle: () => void
}

interface Call {
  readonly resolve: (id: bigint) => void
  readonly reject: (error: GolovesError) => void
}

/** The calls of one turn of the event loop, which have one deadline. */
interface Turn {
  readonly calls: Call[]
  readonly question: Question
  readonly callOff: () => void
}

/**
 * The calls of one tag for one id each, asked for together.
 *
 *     add -> [ this turn's ] -- the turn ends --> [ ready | ready ] -- none is under way --> NextIds
 *                                                        ^                                      |
 *                                                        +-------- answered, or refused --------+
 *
 * 1. At most one NextIds is under way. So the order of ids is that of the calls, as long as one
 *    instance answers; and the busier the service, the more calls become one.
 * 2. Each call gets one id, or is told why there is none: what its own NextIds said, or at its own
 *    deadline. Then its id is a gap, if one was on its way.
 */
export class MergedCalls {
  readonly #options: MergedCallsOptions
  #gathering: Turn | undefined
  #ready: Turn[] = []
  #isAsking = false
  #question: Question | undefined
  #waiting = 0

  constructor(options: MergedCallsOptions) {
    this.#options = options
  }

  /** The next id, for one more caller. */
  add(): Promise<bigint> {
    if (this.#waiting >= CALLS_MAX) {
      return Promise.reject(overloaded('calls for ids of this tag', RETRY_AFTER_MS))
    }
    this.#waiting += 1
    this.#gathering ??= this.#newTurn()
    const { calls } = this.#gathering
    return new Promise((resolve, reject) => {
      calls.push({ resolve, reject })
    })
  }

  #newTurn(): Turn {
    const { service, clock } = this.#options
    const question = service.question()
    const leftMs = question.deadlineMs - clock.monotonicMs()
    const callOff = clock.after(leftMs, () => this.#dismiss(turn))
    const turn: Turn = { calls: [], question, callOff }
    void clock.nextTurn().then(() => this.#end(turn))
    return turn
  }

  #end(turn: Turn): void {
    this.#gathering = undefined
    this.#ready.push(turn)
    if (!this.#isAsking) void this.#askWhileReady()
  }

  async #askWhileReady(): Promise<void> {
    this.#isAsking = true
    while (this.#ready.length > 0) await this.#ask(this.#ready.splice(0))
    this.#isAsking = false
    if (this.#gathering === undefined) this.#options.onIdle()
  }

  /** Asks for as many ids as the turns have calls, and hands them out in the order of the calls. */
  async #ask(turns: readonly Turn[]): Promise<void> {
    const { service, tag } = this.#options
    const calls = turns.flatMap((turn) => turn.calls)
    const question = turns.at(-1)?.question ?? service.question()
    let served = 0
    this.#question = question
    try {
      while (served < calls.length) {
        const ranges = await service.nextIdsUpTo(tag, calls.length - served, question)
        for (const id of idsIn(ranges)) calls[served++]?.resolve(id)
      }
    } catch (thrown) {
      const refusal = GolovesError.from(thrown)
      for (const call of calls.slice(served)) call.reject(refusal)
    }
    this.#question = undefined
    this.#waiting -= calls.length
    for (const turn of turns) turn.callOff()
  }

  /** The deadline of a turn has come. What is under way for it goes on for the others of its NextIds. */
  #dismiss(turn: Turn): void {
    const error = this.#question?.lateError ?? deadlineExceeded()
    for (const call of turn.calls) call.reject(error)
  }
}
