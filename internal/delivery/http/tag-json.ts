import type { SnowflakeLayout } from '../../domain/entity/snowflake-layout.ts'
import type { Tag } from '../../domain/entity/tag.ts'
import type { IdOwner } from '../../usecase/tag/find-owner.ts'
import type { TagState } from '../../usecase/tag/get-tag-state.ts'
import type { InstanceState } from '../../usecase/tag/other-instances.ts'
import { rangeJson } from './range-json.ts'

/** A tag as JSON: ids as decimal strings, what is not set or means nothing in its mode left out. */
export function tagJson(tag: Tag) {
  const { name, mode, freeze, layout } = tag
  return {
    tag: name,
    mode,
    ...(layout === undefined ? segmentJson(tag) : layoutJson(layout)),
    freezeReason: freeze?.reason,
    frozenAbove: freeze?.reason === 'went-backwards' ? String(freeze.above) : undefined,
    version: String(tag.version),
  }
}

function segmentJson({ step, maxId, maxValue, buffer, description }: Tag) {
  return { step, maxId: String(maxId), maxValue: String(maxValue), buffer, description }
}

function layoutJson({ name, lastMs }: SnowflakeLayout) {
  return { layout: name, layoutEndsAt: new Date(lastMs).toISOString() }
}

/** What a service holds of a tag as JSON: ids as decimal strings, what is not known left out. */
export function tagStateJson(state: TagState) {
  const { instances, silentInstances } = state
  return {
    ...instanceStateJson(state),
    instances: instances.map(instanceStateJson),
    silentInstances,
  }
}

function instanceStateJson({ ranges, lastLease, worker, ...state }: InstanceState) {
  return {
    instance: state.instance,
    ranges: ranges.map(rangeJson),
    waiters: state.waiters,
    idsPerSecond: state.idsPerSecond,
    secondsLeft: state.secondsLeft,
    lastLease: lastLease && rangeJson(lastLease.range),
    lastLeaseAtMs: lastLease?.atMs,
    lastError: state.lastError,
    worker: worker && { ...worker, epoch: String(worker.epoch) },
  }
}

/** Who leased an id as JSON: its lease left out if there is none on record. */
export function ownerJson({ lease, reachesBackToMs }: IdOwner) {
  return { lease: lease && { ...lease, range: rangeJson(lease.range) }, reachesBackToMs }
}
