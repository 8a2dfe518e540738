import {
  modeMismatch,
  storeWentBackwards,
  tagConflict,
  tagOptionInvalid,
} from '../../../pkg/errors/failures.ts'
import { higherOf } from '../../domain/entity/id-range.ts'
import {
  NO_SEGMENT_OPTIONS,
  refuseSegmentOptions,
  type SegmentTagOptions,
} from '../../domain/entity/segment-tag-options.ts'
import { MAX_ID, type Tag, type TagName } from '../../domain/entity/tag.ts'
import type { NewTag, TagChanges } from '../../domain/generator/tag-repository.ts'
import { NO_TAG_ROW, type TagRow } from './tag-rows.ts'

// What each change makes of a tag, the same for every store. A function that returns the very tag
// it was given has changed nothing.

/**
 * Ids were issued under the tombstone of an earlier tag of that name, so the new one has to be of its
 * mode and layout, and a segment tag starts above it.
 *
 * @throws GolovesError TAG_OPTION_INVALID if it is not, or if that is above `maxValue`.
 */
export function created(wanted: NewTag, tombstone: TagRow | undefined): Tag {
  const { name, layout } = wanted
  const mode = layout === undefined ? 'segment' : 'snowflake'
  if (tombstone !== undefined) ensureSameIds(name, tombstone, { mode, layout })
  const options = layout === undefined ? startedAbove(wanted, tombstone) : NO_SEGMENT_OPTIONS
  const { deletedMaxId, generation, version } = tombstone ?? NO_TAG_ROW
  return {
    ...{ name, mode, layout, ...options, freeze: undefined, deletedMaxId },
    ...{ generation: generation + 1n, version: version + 1n },
  }
}

type Kind = Pick<Tag, 'mode' | 'layout'>

function ensureSameIds(name: TagName, before: Kind, after: Kind): void {
  if (before.mode === after.mode && before.layout?.name === after.layout?.name) return
  const layout = before.layout === undefined ? '' : ` and layout ${before.layout.name}`
  const fault = `one that was deleted had mode ${before.mode}${layout}, and so must a new one`
  throw tagOptionInvalid(name, fault)
}

function startedAbove(wanted: NewTag, tombstone: TagRow = NO_TAG_ROW): SegmentTagOptions {
  const { name, step, maxValue, buffer, description } = wanted
  const maxId = higherOf(wanted.maxId, highestKnown(tombstone))
  if (maxId > maxValue) {
    const fault = `max_value must be at least ${maxId}: up to there ids were used before it was deleted`
    throw tagOptionInvalid(name, fault)
  }
  return { step, maxId, maxValue, buffer, description }
}

/** @throws GolovesError TAG_CONFLICT, TAG_OPTION_INVALID. */
export function updated(tag: Tag, version: bigint, changes: TagChanges): Tag {
  if (tag.version !== version) throw tagConflict(tag.name, version, tag.version)
  if (tag.mode === 'snowflake') refuseSegmentOptions(tag.name, changes)
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

/** @throws GolovesError MODE_MISMATCH for a snowflake tag; TAG_OPTION_INVALID. */
export function raised(tag: Tag, above: bigint): Tag {
  if (tag.mode !== 'segment') throw modeMismatch(tag.name, tag.mode)
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

/**
 * Above all that the tag itself knows to be used. @throws GolovesError as `raised`.
 */
export function raisedBy(tag: Tag, by: bigint): Tag {
  return raised(tag, highestUsed(tag) + by)
}

/**
 * The tombstone of a tag that is gone, moved on likewise: where a tag of that name is created again.
 *
 * @throws GolovesError TAG_OPTION_INVALID.
 */
export function tombstoneRaisedBy(name: TagName, row: TagRow, by: bigint): Tag {
  const { isDeleted, ...columns } = row
  const maxId = highestKnown(row) + by
  if (maxId > MAX_ID) throw tagOptionInvalid(name, `it can be raised up to ${MAX_ID}`)
  return deleted({ name, ...columns, ...NO_SEGMENT_OPTIONS, maxId })
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
 * back: both may come from others who know nothing of the loss. A snowflake tag has no ids to lose.
 */
export function frozenBehind(tag: Tag, above: bigint, generation: bigint): Tag {
  if (tag.mode !== 'segment' || above <= highestLost(tag)) return tag
  return changed(tag, {
    freeze: { reason: 'went-backwards', above },
    generation: higherOf(tag.generation, generation) + 1n,
  })
}

/** The tombstone. Ids that a frozen tag is known to have lost count as used. */
export function deleted(tag: Tag): Tag {
  return changed(tag, {
    freeze: undefined,
    deletedMaxId: highestUsed(tag),
    generation: tag.generation + 1n,
  })
}

/** The highest id that a tag knows to be used; at least 0, whatever somebody wrote into its row. */
export function highestUsed(tag: Tag): bigint {
  return higherOf(tag.maxId, highestKnown(tag))
}

/** The part of it that outlives the tag. */
export function highestKnown(row: Pick<Tag, 'deletedMaxId' | 'freeze'>): bigint {
  return higherOf(row.deletedMaxId, highestLost(row))
}

function highestLost({ freeze }: Pick<Tag, 'freeze'>): bigint {
  return freeze?.reason === 'went-backwards' ? freeze.above : 0n
}

function changed(tag: Tag, changes: Partial<Tag>): Tag {
  return { ...tag, ...changes, version: tag.version + 1n }
}
