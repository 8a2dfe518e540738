import type { Tag } from '../../domain/entity/tag.ts'
import type { TagState } from '../../usecase/tag/get-tag-state.ts'
import { rangeJson } from './range-json.ts'

/** A tag as JSON: ids as decimal strings, what is not set left out. */
export function tagJson({ freeze, ...tag }: Tag) {
  return {
    tag: tag.name,
    mode: tag.mode,
    step: tag.step,
    maxId: String(tag.maxId),
    maxValue: String(tag.maxValue),
    buffer: tag.buffer,
    description: tag.description,
    freezeReason: freeze?.reason,
    frozenAbove: freeze?.reason === 'went-backwards' ? String(freeze.above) : undefined,
    version: String(tag.version),
  }
}

/** What an instance holds of a tag as JSON: ids as decimal strings, what is not known left out. */
export function tagStateJson({ ranges, lastLease, ...state }: TagState) {
  return {
    instance: state.instance,
    ranges: ranges.map(rangeJson),
    waiters: state.waiters,
    idsPerSecond: state.idsPerSecond,
    secondsLeft: state.secondsLeft,
    lastLease: lastLease && rangeJson(lastLease.range),
    lastLeaseAtMs: lastLease?.atMs,
    lastError: state.lastError,
  }
}
