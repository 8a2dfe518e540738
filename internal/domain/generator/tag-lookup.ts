import type { Random } from '../../../pkg/async/backoff.ts'
import { WorkLoop } from '../../../pkg/async/work-loop.ts'
import type { Clock } from '../../../pkg/clock/clock.ts'
import { tagNotFound } from '../../../pkg/errors/failures.ts'
import { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import type { Tag, TagName } from '../entity/tag.ts'
import type { Caller } from './caller.ts'
import type { IdGenerator } from './id-generator.ts'
import type { LossGuard } from './loss-guard.ts'
import { refusalOf } from './servable.ts'
import { lateError, Waiters, type WaitingLimits } from './waiters.ts'

const BACKOFF_MAX_MS = 500

export interface TagLookupOptions {
  readonly name: TagName
  readonly guard: LossGuard
  readonly clock: Clock
  readonly random: Random
  readonly waiting: WaitingLimits
  /** Makes the generator of a tag that was found. May throw a GolovesError instead. */
  readonly onFound: (tag: Tag) => IdGenerator
  /**
   * Called once, when the lookup is over: with what the callers were told, if that was a failure.
   */
  readonly onEnd: (error: GolovesError | undefined) => void
}

/**
 * The first look at a tag, once for all callers that ask for it meanwhile. While the store does not
 * answer it is tried again for as long as somebody waits.
 */
export class TagLookup {
  readonly #options: TagLookupOptions
  readonly #waiters: Waiters<IdGenerator>
  readonly #loop: WorkLoop
  #lastError: GolovesError | undefined
  #isOver = false
  #isStale = false

  constructor(options: TagLookupOptions) {
    this.#options = options
    this.#waiters = new Waiters(options.clock, options.waiting, () => lateError(this.#lastError))
    this.#loop = new WorkLoop({
      work: () => this.#look(),
      backoffMaxMs: () => BACKOFF_MAX_MS,
      clock: options.clock,
      random: options.random,
    })
  }

  /**
   * The tag's generator, once it is found.
   *
   * @throws GolovesError (or rejects) as `GeneratorRegistry.open`.
   */
  wait(caller: Caller): Promise<IdGenerator> {
    const found = this.#waiters.add(1, caller)
    this.#loop.start()
    return found
  }

  /** The tag has just changed: what is being read may be older than that, and is read again. */
  repeat(): void {
    this.#isStale = true
  }

  /** Ends it: whoever waits is told `error`. */
  stop(error: GolovesError): void {
    this.#isOver = true
    this.#loop.stop()
    this.#waiters.refuseAll(error)
  }

  async #look(): Promise<boolean> {
    this.#isStale = false
    try {
      const tag = await this.#find()
      if (this.#isStale) return true
      if (!this.#isOver) this.#admit(this.#options.onFound(tag))
    } catch (thrown) {
      const error = GolovesError.from(thrown)
      // It may have been created since it was looked for.
      if (this.#isStale && error.code === 'TAG_NOT_FOUND') return true
      this.#lastError = error
      if (error.code === 'STORE_UNAVAILABLE' && this.#waiters.callers > 0) throw error
      if (!this.#isOver) this.#options.onEnd(error)
      this.stop(error)
    }
    return false
  }

  #admit(generator: IdGenerator): void {
    this.#isOver = true
    this.#loop.stop()
    this.#options.onEnd(undefined)
    this.#waiters.serve(
      () => generator,
      () => false,
    )
  }

  async #find(): Promise<Tag> {
    const { name, guard } = this.#options
    const tag = await guard.find(name, (found) => refusalOf(found) === undefined)
    if (tag === undefined) throw tagNotFound(name)
    return tag
  }
}
