import { Batcher } from '../../../pkg/async/batcher.ts'
import type { Clock } from '../../../pkg/clock/clock.ts'
import { higherOf } from '../entity/id-range.ts'
import type { Tag, TagName } from '../entity/tag.ts'
import type { HighWaterMarks } from './high-water-marks.ts'
import { TAGS_PER_READ, type TagRepository } from './tag-repository.ts'

/** So many plain reads are under way at most: one that is held up does not hold up all. */
const READS_MAX = 4

type KnownTag = Pick<Tag, 'name' | 'generation'>

/**
 * Notices where the store has lost ids that this process leased: a row, or a lease, below the tag's
 * high-water mark. Such a tag is frozen for all instances, above everything that any of them leased:
 * each instance that reads the freeze adds what it knows, so that whoever raises the tag raises it
 * far enough.
 *
 * A loss that was noticed is owed a freeze until that is committed, whatever becomes of the tag's
 * generator meanwhile.
 *
 * Single tags are read in batches, so that what the store is asked is bounded by time, however many
 * names callers make up.
 */
export class LossGuard {
  readonly #tags: TagRepository
  readonly #marks: HighWaterMarks
  readonly #finds: Batcher<TagName, Tag>
  readonly #confirms: Batcher<TagName, Tag>

  constructor(tags: TagRepository, marks: HighWaterMarks, clock: Clock) {
    this.#tags = tags
    this.#marks = marks
    this.#finds = new Batcher({
      askAll: (names) => tags.findAll(names),
      batchesMax: READS_MAX,
      sizeMax: TAGS_PER_READ,
      clock,
    })
    // Each writes the same row, so that two at once would only wait for each other.
    this.#confirms = new Batcher({
      askAll: (names) => tags.confirm(names),
      batchesMax: 1,
      sizeMax: TAGS_PER_READ,
      clock,
    })
  }

  /** Whether a freeze of the tag is still owed: nothing may be leased before. */
  owesFreeze(name: TagName): boolean {
    return this.#marks.lossOf(name) !== undefined
  }

  /** Freezes the tag because ids up to `upTo` were lost, now or whenever it is read next. */
  async freeze({ name, generation }: KnownTag, upTo: bigint): Promise<Tag | undefined> {
    this.#marks.noticeLoss(name, { upTo, generation })
    const tag = await this.#tags.freezeBehind(name, upTo, generation)
    this.#marks.settleLoss(name)
    return tag
  }

  /**
   * As `TagRepository.confirm`, after losses that it shows, or that are owed a freeze, were frozen.
   *
   * @param known The tags as they were read last, for a backup may have lost generations, too. One that
   * can't be frozen is as it was read, and the others are not held up.
   */
  async confirm(known: readonly KnownTag[]): Promise<ReadonlyMap<TagName, Tag>> {
    const names = known.map(({ name }) => name)
    // A lease that ends while the rows are being read raises the mark past what they can show.
    const marks = names.map((name) => this.#marks.of(name))
    const found = new Map(await this.#tags.confirm(names))
    for (const [index, tag] of known.entries()) {
      try {
        const settled = await this.#settled(tag, marks[index] ?? 0n, found.get(tag.name))
        if (settled === undefined) found.delete(tag.name)
        else found.set(tag.name, settled)
      } catch {
        // It stays owed; of the others nothing may be missed.
      }
    }
    return found
  }

  /**
   * As `confirm`, of one tag, in one transaction with others that are asked for meanwhile.
   *
   * @throws GolovesError (rejects with one) STORE_UNAVAILABLE also where this one can't be frozen.
   */
  async reread(known: KnownTag): Promise<Tag | undefined> {
    const mark = this.#marks.of(known.name)
    return await this.#settled(known, mark, await this.#confirms.ask(known.name))
  }

  /** As `reread`, but by a plain read where nothing about the tag calls for more. */
  async find(name: TagName, isGood: (tag: Tag) => boolean): Promise<Tag | undefined> {
    const tag = await this.#finds.ask(name)
    const isSound = tag !== undefined && accountsFor(tag, this.#marks.of(name)) && isGood(tag)
    // Nothing of it was read before, so the generation that is found counts.
    return isSound && !this.owesFreeze(name) ? tag : await this.reread({ name, generation: 0n })
  }

  /** A tag as it was found, once the loss that it shows, or that is owed a freeze, is frozen. */
  async #settled(known: KnownTag, mark: bigint, tag: Tag | undefined): Promise<Tag | undefined> {
    const { name } = known
    const owed = this.#marks.lossOf(name)
    if (tag === undefined || (owed === undefined && accountsFor(tag, mark))) return tag
    const generation = owed?.generation ?? known.generation
    return await this.freeze({ name, generation }, higherOf(mark, owed?.upTo ?? 0n))
  }
}

/** Whether the store knows of all ids up to `mark`: as leased or, in a freeze, as lost. */
function accountsFor({ maxId, freeze, fault }: Tag, mark: bigint): boolean {
  if (fault !== undefined) return true
  return mark <= (freeze?.reason === 'went-backwards' ? freeze.above : maxId)
}
