import type { Tag, TagName } from '../../internal/domain/entity/tag.ts'
import type {
  SegmentLease,
  SegmentLeaseRequest,
} from '../../internal/domain/generator/segment-repository.ts'
import { MemoryStore } from '../../internal/repository/memory-store.ts'
import { MemoryRestRepository } from '../../internal/repository/rest/memory-rest-repository.ts'
import { MemorySegmentRepository } from '../../internal/repository/segment/memory-segment-repository.ts'
import { MemoryTagRepository } from '../../internal/repository/tag/memory-tag-repository.ts'
import { storeUnavailable } from '../../pkg/errors/failures.ts'

/**
 * - `up`: calls are answered at once.
 * - `down`: they fail, and nothing happens in the store.
 * - `reply lost`: they happen, and fail.
 * - `held`: they happen, and are answered when `release` is called.
 */
export type LineState = 'up' | 'down' | 'reply lost' | 'held'

/** The way to one operation of a store, for a test to break. */
export class Line {
  state: LineState = 'up'
  /** Whether a held call goes on also when its time is up; a real store's connection is destroyed. */
  isDeaf = false
  /** Called before each call reaches the store. */
  before = (): void => {}
  calls = 0
  inFlight = 0
  mostInFlight = 0
  readonly #held: (() => void)[] = []

  async pass<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    this.calls += 1
    this.inFlight += 1
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight)
    try {
      return await this.#answer(work, signal)
    } finally {
      this.inFlight -= 1
    }
  }

  /** Answers all calls that are held, and those to come. */
  release(): void {
    this.state = 'up'
    for (const answer of this.#held.splice(0)) answer()
  }

  async #answer<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const { state } = this
    if (state === 'down') throw storeUnavailable(0)
    this.before()
    const result = await work()
    if (this.state === 'held') await this.#holdBack(this.isDeaf ? undefined : signal)
    if (state === 'reply lost') throw storeUnavailable(0)
    return result
  }

  #holdBack(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#held.push(resolve)
      signal?.addEventListener('abort', () => reject(storeUnavailable(0)))
    })
  }
}

class BreakableSegments extends MemorySegmentRepository {
  readonly line = new Line()
  /** What was asked for, in order. */
  readonly asked: (SegmentLeaseRequest & { readonly signal: AbortSignal })[] = []

  override lease(request: SegmentLeaseRequest, signal: AbortSignal) {
    this.asked.push({ ...request, signal })
    return this.line.pass<SegmentLease | undefined>(() => super.lease(request, signal), signal)
  }
}

class BreakableRests extends MemoryRestRepository {
  readonly takes = new Line()

  override take(tag: Tag, above: bigint, signal?: AbortSignal) {
    return this.takes.pass(() => super.take(tag, above), signal)
  }
}

class BreakableTags extends MemoryTagRepository {
  readonly finds = new Line()
  readonly confirms = new Line()
  readonly freezes = new Line()
  /** How many tags each `confirm` asked for. */
  readonly batches: number[] = []

  override findAll(names: readonly TagName[]) {
    return this.finds.pass(() => super.findAll(names))
  }

  override confirm(names: readonly TagName[]) {
    this.batches.push(names.length)
    return this.confirms.pass(() => super.confirm(names))
  }

  override freezeBehind(name: TagName, above: bigint, generation: bigint) {
    return this.freezes.pass(() => super.freezeBehind(name, above, generation))
  }
}

/** A store in memory, whose rows can be changed by hand and the ways to which can be broken. */
export class BreakableStore {
  readonly #tables = new MemoryStore()
  readonly segments = new BreakableSegments(this.#tables)
  readonly tags = new BreakableTags(this.#tables)
  readonly rests = new BreakableRests(this.#tables, 'an-instance', () => 0)

  row(name: TagName): Tag | undefined {
    return this.#tables.tag(name)
  }

  /** Writes by hand the rows of a tag, of which a snowflake tag has only one. */
  put(tag: Tag): Tag {
    if (tag.mode === 'snowflake') this.#tables.allocs.delete(tag.name)
    return this.#tables.save(tag)
  }

  /** Changes a row as somebody would who knows nothing of generations. */
  edit(name: TagName, changes: Partial<Tag>): void {
    const tag = this.row(name)
    if (tag === undefined) throw new Error(`There is no row ${name}.`)
    this.put({ ...tag, ...changes })
  }

  /** Deletes the row by hand that a tag cannot be without. */
  remove(name: TagName): void {
    const { allocs, rows } = this.#tables
    const table = this.row(name)?.mode === 'snowflake' ? rows : allocs
    table.delete(name)
  }

  /** All of it, as when its server stops. */
  set state(state: LineState) {
    const { finds, confirms, freezes } = this.tags
    const { takes } = this.rests
    for (const line of [this.segments.line, takes, finds, confirms, freezes]) line.state = state
  }
}
