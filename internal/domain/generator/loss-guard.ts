import { higherOf } from '../entity/id-range.ts'
import type { Tag, TagName } from '../entity/tag.ts'
import type { HighWaterMarks } from './high-water-marks.ts'
import type { TagRepository } from './tag-repository.ts'

type KnownTag = Pick<Tag, 'name' | 'generation'>

/**
 * Notices where the store has lost ids that this process leased: a row, or a lease, below the tag's
 * high-water mark. Such a tag is frozen for all instances, above everything that any of them leased:
 * each instance that reads the freeze adds what it knows, so that whoever raises the tag raises it
 * far enough.
 *
 * A loss that was noticed is owed a freeze until that is committed, whatever becomes of the tag's
 * generator meanwhile.
 */
export class LossGuard {
  readonly #tags: TagRepository
  readonly #marks: HighWaterMarks

  constructor(tags: TagRepository, marks: HighWaterMarks) {
    this.#tags = tags
    this.#marks = marks
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
   * @param known The tags as they were read last, for a backup may have lost generations, too. Where
   * one of several can't be frozen, it is as it was read, and the others are not held up.
   */
  async confirm(known: readonly KnownTag[]): Promise<ReadonlyMap<TagName, Tag>> {
    const names = known.map(({ name }) => name)
    // A lease that ends while the rows are being read raises the mark past what they can show.
    const marks = names.map((name) => this.#marks.of(name))
    const found = new Map(await this.#tags.confirm(names))
    for (const [index, { name, generation }] of known.entries()) {
      const tag = found.get(name)
      const mark = marks[index] ?? 0n
      const owed = this.#marks.lossOf(name)
      if (tag === undefined || (owed === undefined && accountsFor(tag, mark))) continue
      const lost = { name, generation: owed?.generation ?? generation }
      try {
        const frozen = await this.freeze(lost, higherOf(mark, owed?.upTo ?? 0n))
        if (frozen === undefined) found.delete(name)
        else found.set(name, frozen)
      } catch (fault) {
        // It stays owed; of the others nothing may be missed.
        if (known.length === 1) throw fault
      }
    }
    return found
  }

  /** As `confirm`, but by a plain read where nothing about the tag calls for more. */
  async find(name: TagName, isGood: (tag: Tag) => boolean): Promise<Tag | undefined> {
    const tag = await this.#tags.find(name)
    const isSound = tag !== undefined && accountsFor(tag, this.#marks.of(name)) && isGood(tag)
    // Nothing of it was read before, so the generation that is found counts.
    const unread = { name, generation: 0n }
    return isSound && !this.owesFreeze(name) ? tag : (await this.confirm([unread])).get(name)
  }
}

/** Whether the store knows of all ids up to `mark`: as leased or, in a freeze, as lost. */
function accountsFor({ maxId, freeze, fault }: Tag, mark: bigint): boolean {
  if (fault !== undefined) return true
  return mark <= (freeze?.reason === 'went-backwards' ? freeze.above : maxId)
}
