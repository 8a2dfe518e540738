import { storeWentBackwards, tagConflict, tagOptionInvalid } from '../../../pkg/errors/failures.ts'
import { higherOf } from '../../domain/entity/id-range.ts'
import type { Tag } from '../../domain/entity/tag.ts'
import type { NewTag, TagChanges } from '../../domain/generator/tag-repository.ts'
import { type TagRow, tagOf } from './tag-rows.ts'

// What each change makes of a tag, the same for every store. A function that returns the very tag
// it was given has changed nothing.

/**
 * `before` may be the tombstone of an earlier tag of that name; the new one starts above it.
 *
 * @throws GolovesError TAG_OPTION_INVALID if that is above `maxValue`.
 */
export function created({ name, ...wanted }: NewTag, before: TagRow): Tag {
  const tag = tagOf(name, wanted, { ...before, freeze: undefined })
  const maxId = higherOf(wanted.maxId, highestKnown(before))
  if (maxId > wanted.maxValue) {
    const fault = `max_value must be at least ${maxId}: up to there ids were used before it was deleted`
    throw tagOptionInvalid(name, fault)
  }
  return changed(tag, {
    buffer: wanted.buffer,
    maxValue: wanted.maxValue,
    maxId,
    generation: tag.generation + 1n,
  })
}

/** @throws GolovesError TAG_CONFLICT, TAG_OPTION_INVALID. */
export function updated(tag: Tag, version: bigint, changes: TagChanges): Tag {
  if (tag.version !== version) throw tagConflict(tag.name, version, tag.version)
  const maxValue = changes.maxValue ?? tag.maxValue
  if (maxValue < tag.maxId && maxValue !== tag.maxValue) {
    throw tagOptionInvalid(
      tag.name,
      `max_value must be at least ${tag.maxId}, the highest id leased`,
    )
  }
  return changed(tag, {
    maxValue,
    step: changes.step ?? tag.step,
    buffer: changes.buffer ?? tag.buffer,
    description: changes.description ?? tag.description,
    generation: maxValue < tag.maxValue ? tag.generation + 1n : tag.generation,
  })
}

/** @throws GolovesError TAG_OPTION_INVALID. */
export function raised(tag: Tag, above: bigint): Tag {
  if (above > tag.maxValue) {
    throw tagOptionInvalid(tag.name, `it can be raised up to its max_value, ${tag.maxValue}`)
  }
  const maxId = higherOf(tag.maxId, above)
  const { freeze } = tag
  const lifted = freeze?.reason === 'went-backwards' && maxId >= freeze.above
  return changed(tag, {
    maxId,
    freeze: lifted ? undefined : freeze,
    generation: tag.generation + 1n,
  })
}

/** A went-backwards freeze stays one: it is the stronger. */
export function frozen(tag: Tag): Tag {
  return changed(tag, {
    freeze: tag.freeze ?? { reason: 'operator' },
    generation: tag.generation + 1n,
  })
}

/** @throws GolovesError STORE_WENT_BACKWARDS. */
export function unfrozen(tag: Tag): Tag {
  if (tag.freeze === undefined) return tag
  if (tag.freeze.reason === 'went-backwards') throw storeWentBackwards(tag.name, tag.freeze.above)
  return changed(tag, { freeze: undefined })
}

/**
 * Each who lost ids adds what it knows. Neither a higher generation nor a higher `maxId` takes it
 * back: both may come from others who know nothing of the loss.
 */
export function frozenBehind(tag: Tag, above: bigint, generation: bigint): Tag {
  const lost = highestLost(tag)
  if (above <= lost) return tag
  return changed(tag, {
    freeze: { reason: 'went-backwards', above },
    generation: higherOf(tag.generation, generation) + 1n,
  })
}

/** The tombstone. Ids that a frozen tag is known to have lost count as used. */
export function deleted(tag: Tag): Tag {
  return changed(tag, {
    freeze: undefined,
    deletedMaxId: higherOf(tag.maxId, highestKnown(tag)),
    generation: tag.generation + 1n,
  })
}

function highestKnown(row: TagRow): bigint {
  return higherOf(row.deletedMaxId, highestLost(row))
}

function highestLost({ freeze }: TagRow): bigint {
  return freeze?.reason === 'went-backwards' ? freeze.above : 0n
}

function changed(tag: Tag, changes: Partial<Tag>): Tag {
  return { ...tag, ...changes, version: tag.version + 1n }
}
