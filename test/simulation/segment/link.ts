import type { Tag, TagName } from '../../../internal/domain/entity/tag.ts'
import { type Rest, RestRepository } from '../../../internal/domain/generator/rest-repository.ts'
import {
  type SegmentLease,
  type SegmentLeaseRequest,
  SegmentRepository,
} from '../../../internal/domain/generator/segment-repository.ts'
import {
  type NewTag,
  type TagChanges,
  TagRepository,
} from '../../../internal/domain/generator/tag-repository.ts'
import type { MemoryStore } from '../../../internal/repository/memory-store.ts'
import { storeUnavailable } from '../../../pkg/errors/failures.ts'
import { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import { Wire, type WireOptions } from '../wire.ts'
import type { IdAccount } from './id-account.ts'
import type { LeaseBook } from './lease-book.ts'
import { copyOf, type Repositories, type SegmentStore } from './store.ts'
import type { TagHistory } from './tag-history.ts'

export interface SegmentLinkOptions extends WireOptions {
  readonly instance: string
  readonly store: SegmentStore
  readonly history: TagHistory
  readonly book: LeaseBook
  readonly account: IdAccount
}

type Statement<T> = (store: Repositories) => Promise<T>

/** A statement that reached the database is executed, whoever has given it up. */
const ENDLESS = new AbortController().signal

/** The store as one process reaches it, with everything noted that it is told. */
export class SegmentLink {
  readonly segments: SegmentRepository
  readonly tags: TagRepository
  readonly rests: RestRepository
  readonly wire: Wire
  /** The node that it reaches, if that has lost its cluster and does not know it yet. */
  stale: MemoryStore | undefined
  /** When it failed last to see the tags as they are, of the true time. */
  blindMs = Number.NEGATIVE_INFINITY
  /** When each tag was what the instance was told after it had changed it, of the true time. */
  readonly toldMs = new Map<TagName, number>()
  /** What hands out the ids of a tag at present. */
  generatorOf: (tag: TagName) => object | undefined = () => undefined
  readonly #options: SegmentLinkOptions

  constructor(options: SegmentLinkOptions) {
    this.#options = options
    this.wire = new Wire(options.store, options)
    this.segments = new LinkedSegments(this, options)
    this.tags = new LinkedTags(this)
    this.rests = new LinkedRests(this, options)
  }

  /** A read, which a stale node answers from its past. */
  read<T>(statement: Statement<T>): Promise<T> {
    const { store, instance } = this.#options
    return this.wire.ask(() => {
      if (this.stale !== undefined) this.#isBlind()
      return statement(store.open(this.stale ?? store.tables, instance))
    })
  }

  /** A write, which a stale node fails, but for one that finds no row to change. */
  write<T>(statement: Statement<T | undefined>, signal: AbortSignal): Promise<T | undefined> {
    const { store, instance } = this.#options
    return this.wire.ask(async () => {
      if (this.stale === undefined) return await this.#change(statement)
      this.#isBlind()
      const answer = await statement(store.open(copyOf(this.stale), instance))
      if (answer !== undefined) throw storeUnavailable(0)
      return undefined
    }, signal)
  }

  /** A write that always changes something, so that no stale node can answer. */
  async commit<T>(statement: Statement<T>): Promise<T> {
    try {
      return await this.wire.ask(async () => {
        if (this.stale !== undefined) throw storeUnavailable(0)
        return await this.#change(statement)
      })
    } catch (fault) {
      if (GolovesError.from(fault).code === 'STORE_UNAVAILABLE') this.#isBlind()
      throw fault
    }
  }

  /** As `commit`, of a change of one tag. */
  async change<T>(name: TagName, statement: (tags: TagRepository) => Promise<T>): Promise<T> {
    let atMs: number | undefined
    const answer = await this.commit(({ tags }) => {
      atMs ??= this.#options.store.nowMs
      return statement(tags)
    })
    this.toldMs.set(name, Math.max(atMs ?? 0, this.toldMs.get(name) ?? 0))
    return answer
  }

  async #change<T>(statement: Statement<T>): Promise<T> {
    const { store, instance, history } = this.#options
    const answer = await statement(store.open(store.tables, instance))
    history.observe()
    return answer
  }

  #isBlind(): void {
    this.blindMs = this.#options.store.nowMs
  }
}

class LinkedSegments extends SegmentRepository {
  readonly #link: SegmentLink
  readonly #options: SegmentLinkOptions

  constructor(link: SegmentLink, options: SegmentLinkOptions) {
    super()
    this.#link = link
    this.#options = options
  }

  override async lease(request: SegmentLeaseRequest, signal: AbortSignal) {
    const { book, account, instance, store } = this.#options
    const generator = this.#link.generatorOf(request.tag)
    const hears = book.asked(instance, request, signal, generator)
    try {
      const dated = await this.#link.write(async ({ segments }) => {
        const lease = await segments.lease(request, ENDLESS)
        if (lease === undefined) return undefined
        account.executed(request.tag, lease, false)
        return { lease, atMs: store.nowMs }
      }, signal)
      hears(dated === undefined ? 'no row' : 'leased')
      if (dated !== undefined && !signal.aborted) book.got(instance, request.tag, dated)
      return dated?.lease
    } catch (fault) {
      hears('failed')
      throw fault
    }
  }
}

class LinkedRests extends RestRepository {
  readonly #link: SegmentLink
  readonly #options: SegmentLinkOptions

  constructor(link: SegmentLink, options: SegmentLinkOptions) {
    super()
    this.#link = link
    this.#options = options
  }

  override async giveBack(rests: readonly Rest[]): Promise<void> {
    const { book, account, instance } = this.#options
    book.returned(instance, rests)
    let times = 0
    await this.#link.commit(async (store) => {
      times += 1
      if (times === 1) for (const { tag, range } of rests) account.returned(tag, range)
      await store.rests.giveBack(rests)
    })
  }

  override async take(
    tag: Tag,
    above: bigint,
    signal: AbortSignal,
  ): Promise<SegmentLease | undefined> {
    const { book, account, instance, store } = this.#options
    const dated = await this.#link.write(async ({ rests }) => {
      const lease = await rests.take(tag, above, ENDLESS)
      if (lease === undefined) return undefined
      store.takenMs = store.nowMs
      account.executed(tag.name, lease, true)
      return { lease, atMs: store.nowMs }
    }, signal)
    if (dated !== undefined && !signal.aborted) book.got(instance, tag.name, dated)
    return dated?.lease
  }

  override prune(ageMs: number) {
    return this.#link.commit(({ rests }) => rests.prune(ageMs))
  }
}

class LinkedTags extends TagRepository {
  readonly #link: SegmentLink

  constructor(link: SegmentLink) {
    super()
    this.#link = link
  }

  override findAll(names: readonly TagName[]): Promise<ReadonlyMap<TagName, Tag>> {
    return this.#link.read(({ tags }) => tags.findAll(names))
  }

  override confirm(names: readonly TagName[]): Promise<ReadonlyMap<TagName, Tag>> {
    return this.#link.commit(({ tags }) => tags.confirm(names))
  }

  override freezeBehind(
    name: TagName,
    above: bigint,
    generation: bigint,
  ): Promise<Tag | undefined> {
    return this.#link.commit(({ tags }) => tags.freezeBehind(name, above, generation))
  }

  override list(after: string, limit: number): Promise<readonly Tag[]> {
    return this.#link.read(({ tags }) => tags.list(after, limit))
  }

  override create(tag: NewTag): Promise<Tag> {
    return this.#link.change(tag.name, (tags) => tags.create(tag))
  }

  override update(name: TagName, version: bigint, changes: TagChanges): Promise<Tag> {
    return this.#link.change(name, (tags) => tags.update(name, version, changes))
  }

  override raise(name: TagName, above: bigint): Promise<Tag> {
    return this.#link.change(name, (tags) => tags.raise(name, above))
  }

  override freeze(name: TagName): Promise<Tag> {
    return this.#link.change(name, (tags) => tags.freeze(name))
  }

  override unfreeze(name: TagName): Promise<Tag> {
    return this.#link.change(name, (tags) => tags.unfreeze(name))
  }

  override delete(name: TagName): Promise<void> {
    return this.#link.change(name, (tags) => tags.delete(name))
  }
}
