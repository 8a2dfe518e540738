import type { Random } from '../../../pkg/async/backoff.ts'
import { WorkLoop } from '../../../pkg/async/work-loop.ts'
import type { Clock } from '../../../pkg/clock/clock.ts'
import { deadlineExceeded, storeUnavailable, tagNotFound } from '../../../pkg/errors/failures.ts'
import { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import type { Tag, TagName } from '../entity/tag.ts'
import type { Caller } from './caller.ts'
import type { SegmentGenerator } from './segment-generator.ts'
import type { TagRepository } from './tag-repository.ts'
import { Waiters, type WaitingLimits } from './waiters.ts'

const BACKOFF_MAX_MS = 500

export interface TagLookupOptions {
  readonly name: TagName
  readonly tags: TagRepository
  readonly clock: Clock
  readonly random: Random
  readonly waiting: WaitingLimits
  /** Makes the generator of a tag that was found. May throw a GolovesError instead. */
  readonly onFound: (tag: Tag) => SegmentGenerator
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
  readonly #waiters: Waiters<SegmentGenerator>
  readonly #loop: WorkLoop
  #lastError: GolovesError | undefined

  constructor(options: TagLookupOptions) {
    this.#options = options
    this.#waiters = new Waiters(options.clock, options.waiting, () =>
      this.#lastError === undefined
        ? deadlineExceeded()
        : storeUnavailable(BACKOFF_MAX_MS, this.#lastError),
    )
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
  wait(caller: Caller): Promise<SegmentGenerator> {
    const found = this.#waiters.add(1, caller)
    this.#loop.start()
    return found
  }

  /** Ends it: whoever waits is told `error`. */
  stop(error: GolovesError): void {
    this.#loop.stop()
    this.#waiters.refuseAll(error)
  }

  async #look(): Promise<boolean> {
    try {
      const generator = this.#options.onFound(await this.#find())
      this.#end(undefined)
      this.#waiters.serve(
        () => generator,
        () => false,
      )
    } catch (thrown) {
      const error = GolovesError.from(thrown)
      this.#lastError = error
      if (error.code === 'STORE_UNAVAILABLE' && this.#waiters.callers > 0) throw error
      this.#end(error)
      this.#waiters.refuseAll(error)
    }
    return false
  }

  async #find(): Promise<Tag> {
    const { name, tags } = this.#options
    const tag = (await tags.find(name)) ?? (await tags.confirm([name])).get(name)
    if (tag === undefined) throw tagNotFound(name)
    return tag
  }

  #end(error: GolovesError | undefined): void {
    this.#loop.stop()
    this.#options.onEnd(error)
  }
}
