import type { ErrorCode } from '../../../pkg/errors/error-code.ts'
import { modeMismatch, overloaded, tagNotFound } from '../../../pkg/errors/failures.ts'
import { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import { parseTagName, type Tag, type TagName } from '../entity/tag.ts'
import type { Caller } from './caller.ts'
import { GeneratorFactory, type GeneratorFactoryOptions } from './generator-factory.ts'
import { type GeneratorState, NOTHING_HELD } from './generator-state.ts'
import type { IdGenerator } from './id-generator.ts'
import { LossGuard } from './loss-guard.ts'
import { isVerdict, Refusals } from './refusals.ts'
import type { Rest } from './rest-repository.ts'
import { refusalOf } from './servable.ts'
import { TagLookup } from './tag-lookup.ts'
import { TAGS_PER_READ, type TagRepository } from './tag-repository.ts'

export interface GeneratorRegistryOptions extends GeneratorFactoryOptions {
  readonly tags: TagRepository
  /** So long it is remembered that a tag does not exist. */
  readonly missMs: number
  /** So many tags are live at most. */
  readonly tagsMax: number
}

/** So many tags may be looked up at once. */
const LOOKUPS_MAX = 1000
/** No instance, whatever its settings, waits longer before it reads its tags again. */
const REFRESH_MAX_MS = 3000
/** So long such a statement takes at most: the repository's limit. */
const READ_MAX_MS = 2000
/** When the registry is full, this share of it makes room, so that making room is rare. */
const EVICTED_SHARE = 1 / 100
const RETRY_AFTER_MS = 1000

/**
 * The tags that this process hands out ids of.
 *
 * 1. At most one live generator per tag: one lookup per name makes it, and only while none is live;
 *    the old one is closed before another can exist.
 * 2. No generator is evicted while somebody waits for it or a lease of it is in flight.
 */
export class GeneratorRegistry {
  readonly #options: GeneratorRegistryOptions
  /** Least recently active first, as of the last refresh. */
  readonly #live = new Map<string, IdGenerator>()
  readonly #givenOut = new Map<TagName, bigint>()
  readonly #lookups = new Map<TagName, TagLookup>()
  readonly #refusals: Refusals
  readonly #guard: LossGuard
  readonly #factory: GeneratorFactory
  /** Undefined before the first look at it. */
  #storeAnswers: boolean | undefined
  #closed: GolovesError | undefined
  #stopRefresh = (): void => {}

  constructor(options: GeneratorRegistryOptions) {
    this.#options = options
    this.#refusals = new Refusals(options.clock)
    this.#guard = new LossGuard(options.tags, options.marks, options.clock)
    this.#factory = new GeneratorFactory(options, this.#guard)
  }

  /** How soon a change reaches every instance that reaches the store, in milliseconds. */
  get settleMs(): number {
    return Math.max(this.#options.refreshMs, REFRESH_MAX_MS) + READ_MAX_MS
  }

  /** Whether it could hand out ids: the store answers, or there are some in memory. */
  get hasProspects(): boolean {
    if (this.#storeAnswers !== false) return true
    for (const generator of this.#live.values()) if (generator.hasIds) return true
    return false
  }

  /** Whether the store answered when the live tags were last read. */
  get storeAnswers(): boolean {
    return this.#storeAnswers === true
  }

  /** Those of all live tags, least recently active first. */
  get generators(): Iterable<IdGenerator> {
    return this.#live.values()
  }

  /** How many tags are refused with this code at present, as far as somebody asked for them of late. */
  refusedWith(code: ErrorCode): number {
    return this.#refusals.count(code)
  }

  /** Begins to read the live tags again, `refreshMs` after the last reading began, until `close`. */
  start(afterMs = this.#options.refreshMs): void {
    const { clock, refreshMs } = this.#options
    this.#stopRefresh = clock.after(afterMs, () => {
      const dueMs = clock.monotonicMs() + refreshMs
      void this.refresh().finally(() => {
        if (this.#closed === undefined) this.start(Math.max(0, dueMs - clock.monotonicMs()))
      })
    })
  }

  /** The generator of a tag that was opened before. Needs no check of the name: what is found is valid. */
  live(tag: string): IdGenerator | undefined {
    return this.#live.get(tag)
  }

  /** A tag that was opened before, as it was last read. */
  known(tag: string): Tag | undefined {
    return this.#live.get(tag)?.tag
  }

  /**
   * The generator of a tag, looked up in the store if need be.
   *
   * @throws GolovesError (or rejects with one) TAG_INVALID, TAG_NOT_FOUND, TAG_FROZEN,
   * TAG_OPTION_INVALID, STORE_WENT_BACKWARDS, LAYOUT_ENDED, OVERLOADED, STORE_UNAVAILABLE,
   * DEADLINE_EXCEEDED or SHUTTING_DOWN.
   */
  async open(tag: string, caller: Caller): Promise<IdGenerator> {
    if (this.#closed !== undefined) throw this.#closed
    const live = this.#live.get(tag)
    if (live !== undefined) return live
    const name = parseTagName(tag)
    const refusal = this.#refusals.of(name)
    if (refusal !== undefined) throw refusal
    return await this.#lookupOf(name).wait(caller)
  }

  /** Takes over a tag as it was just read or changed. */
  apply(tag: Tag): void {
    this.#lookups.get(tag.name)?.repeat()
    this.#learn(tag)
  }

  /** The tag is deleted: its generator stops. */
  forget(name: TagName): void {
    this.#lookups.get(name)?.repeat()
    this.#refuse(name, tagNotFound(name), this.#options.missMs)
  }

  /** What is in memory of a tag at this moment, whether or not it exists. */
  held(name: TagName): GeneratorState {
    return this.#live.get(name)?.state() ?? NOTHING_HELD
  }

  /**
   * What is held of a tag: nothing of one that may not be served, with the reason as `lastError`.
   *
   * @throws GolovesError as `open`, except for what its row says.
   */
  async state(name: TagName, caller: Caller): Promise<GeneratorState> {
    try {
      await this.open(name, caller)
      return this.held(name)
    } catch (thrown) {
      const error = GolovesError.from(thrown)
      if (error.code === 'TAG_NOT_FOUND' || !isVerdict(error)) throw error
      return { ...NOTHING_HELD, lastError: error.code }
    }
  }

  /** Reads all live tags again and acts on what has changed. Never rejects. */
  async refresh(): Promise<void> {
    const all = [...this.#live.values()]
    try {
      // At least once, since it is also what tells the others that this instance lives.
      for (let from = 0; from === 0 || from < all.length; from += TAGS_PER_READ) {
        await this.#refreshSome(all.slice(from, from + TAGS_PER_READ))
        if (this.#closed !== undefined) return
      }
      if (this.#storeAnswers === false) this.#options.observer.storeAnswered()
      this.#storeAnswers = true
    } catch (thrown) {
      this.#storeAnswers = false
      this.#options.observer.storeFailed(GolovesError.from(thrown))
    }
  }

  /** From now on leases only what callers wait for: nothing that a stop would waste. */
  stopPrefetching(): void {
    this.#factory.stopPrefetching()
    for (const generator of this.#live.values()) generator.know(generator.tag)
  }

  /**
   * Stops all generators in one synchronous step: whoever waits, and whoever asks later, is told `error`.
   *
   * @returns The ids in memory, of which none will leave from here.
   */
  close(error: GolovesError): readonly Rest[] {
    this.#closed = error
    this.#stopRefresh()
    for (const lookup of this.#lookups.values()) lookup.stop(error)
    const rests = [...this.#live.values()].flatMap((generator) => {
      const { name, generation } = generator.tag
      return generator.close(error).map((range) => ({ tag: name, range, generation }))
    })
    this.#lookups.clear()
    this.#live.clear()
    return rests
  }

  async #refreshSome(generators: readonly IdGenerator[]): Promise<void> {
    const known = generators.map(({ tag }) => tag)
    const tags = await this.#guard.confirm(known)
    if (this.#closed !== undefined) return
    for (const [index, generator] of generators.entries()) {
      const { name } = generator.tag
      // A tag that was read or changed meanwhile is newer than this answer.
      const isNews = this.#live.get(name) === generator && generator.tag === known[index]
      if (isNews) this.#heard(name, tags.get(name))
      this.#noteActivity(name)
    }
  }

  #heard(name: TagName, tag: Tag | undefined): void {
    if (tag !== undefined) this.#learn(tag)
    else this.#refuse(name, tagNotFound(name), this.#options.missMs)
  }

  #learn(tag: Tag): void {
    const refusal = refusalOf(tag)
    if (refusal !== undefined) {
      this.#refuse(tag.name, refusal, this.#options.refreshMs)
      return
    }
    this.#refusals.forget(tag.name)
    const generator = this.#live.get(tag.name)
    if (generator === undefined) return
    if (generator.tag.layout?.name === tag.layout?.name) generator.know(tag)
    // Somebody made another tag of that name; whoever asks next gets its ids.
    else this.#remove(tag.name, modeMismatch(tag.name, tag.mode))
  }

  #refuse(name: TagName, error: GolovesError, forMs: number): void {
    this.#remove(name, error)
    this.#refusals.remember(name, error, forMs)
  }

  #remove(name: TagName, error: GolovesError): void {
    const generator = this.#live.get(name)
    generator?.close(error)
    this.#live.delete(name)
    if (generator !== undefined) this.#options.observer.retired(name, generator.givenOut)
    this.#givenOut.delete(name)
  }

  #lookupOf(name: TagName): TagLookup {
    const running = this.#lookups.get(name)
    if (running !== undefined) return running
    if (this.#lookups.size >= LOOKUPS_MAX) throw overloaded('new tags asked for', RETRY_AFTER_MS)
    const { clock, random, waiting, missMs, refreshMs } = this.#options
    const lookup = new TagLookup({
      name,
      guard: this.#guard,
      clock,
      random,
      waiting,
      onFound: (tag) => this.#admit(tag),
      onEnd: (error) => {
        this.#lookups.delete(name)
        if (error?.code === 'OVERLOADED') this.#refusals.remember(name, error, RETRY_AFTER_MS)
        if (error === undefined || !isVerdict(error)) return
        this.#refusals.remember(name, error, error.code === 'TAG_NOT_FOUND' ? missMs : refreshMs)
      },
    })
    this.#lookups.set(name, lookup)
    return lookup
  }

  /** @throws GolovesError if the tag's row forbids to serve it, or there is no room. */
  #admit(tag: Tag): IdGenerator {
    this.#makeRoom()
    const generator = this.#factory.create(tag)
    this.#live.set(tag.name, generator)
    return generator
  }

  /** Keeps `#live` in order of activity. */
  #noteActivity(name: TagName): void {
    const generator = this.#live.get(name)
    if (generator === undefined || this.#givenOut.get(name) === generator.givenOut) return
    this.#givenOut.set(name, generator.givenOut)
    this.#live.delete(name)
    this.#live.set(name, generator)
  }

  /** @throws GolovesError OVERLOADED if it is full of tags that are in use. */
  #makeRoom(): void {
    const { tagsMax } = this.#options
    if (this.#live.size < tagsMax) return
    const error = overloaded('tags are in use', RETRY_AFTER_MS)
    let surplus = Math.max(1, Math.floor(tagsMax * EVICTED_SHARE))
    for (const generator of this.#live.values()) {
      if (surplus === 0) return
      if (!generator.isIdle) continue
      this.#remove(generator.tag.name, error)
      surplus -= 1
    }
    if (this.#live.size >= tagsMax) throw error
  }
}
