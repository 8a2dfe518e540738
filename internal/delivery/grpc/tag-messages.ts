import { requestInvalid } from '../../../pkg/errors/failures.ts'
import type { BufferKind, Freeze, Mode, Tag } from '../../domain/entity/tag.ts'
import type { HeldWorker } from '../../domain/generator/generator-state.ts'
import type { CreateTagRequest } from '../../usecase/tag/create-tag.ts'
import type { IdOwner } from '../../usecase/tag/find-owner.ts'
import type { TagState } from '../../usecase/tag/get-tag-state.ts'
import type { InstanceState } from '../../usecase/tag/other-instances.ts'
import type { UpdateTagRequest } from '../../usecase/tag/update-tag.ts'
import { type RangeMessage, rangeMessage } from './id-messages.ts'

// `goloves/v1/tag_service.proto` as the protobuf library reads and writes it; see `id-messages.ts`.
// An enum value that the contract does not name is read as its number.

export interface TagRequest {
  readonly tag: string
}

export interface CreateTagMessage {
  readonly tag: string
  readonly step: string
  readonly maxId: string
  readonly maxValue: string
  readonly buffer: string | number
  readonly description: string
  readonly mode: string | number
  readonly layout: string
}

/** What the caller left out is not there. */
export interface UpdateTagMessage {
  readonly tag: string
  readonly version: string
  readonly step?: string
  readonly maxValue?: string
  readonly buffer?: string | number
  readonly description?: string
}

export interface ListTagsMessage {
  readonly pageSize: number
  readonly pageToken: string
}

export interface RaiseTagMessage {
  readonly tag: string
  readonly above: string
}

export interface TagMessage {
  readonly tag: string
  readonly mode: string
  readonly step: number
  readonly maxId: bigint
  readonly maxValue: bigint
  readonly buffer: string
  readonly description: string
  readonly freezeReason: string
  readonly frozenAbove: bigint
  readonly version: bigint
  readonly layout: string
  readonly layoutEndsAtMs: number
}

export interface TagStateMessage extends InstanceStateMessage {
  readonly instances: readonly InstanceStateMessage[]
  readonly silentInstances: number
}

interface InstanceStateMessage {
  readonly instance: string
  readonly ranges: readonly RangeMessage[]
  readonly waiters: number
  readonly idsPerSecond: number
  readonly secondsLeft: number | undefined
  readonly lastLease: RangeMessage | undefined
  readonly lastLeaseAtMs: number
  readonly lastError: string
  readonly worker: HeldWorker | undefined
}

export interface FindOwnerMessage {
  readonly tag: string
  readonly id: string
}

export interface OwnerMessage {
  readonly lease: LeaseMessage | undefined
  readonly reachesBackToMs: number
}

interface LeaseMessage {
  readonly range: RangeMessage
  readonly instance: string
  readonly address: string
  readonly leasedAtMs: number
}

const MODES = { segment: 'MODE_SEGMENT', snowflake: 'MODE_SNOWFLAKE' } satisfies Record<
  Mode,
  string
>

const BUFFERS = { chain: 'BUFFER_CHAIN', double: 'BUFFER_DOUBLE' } satisfies Record<
  BufferKind,
  string
>

const FREEZE_REASONS = {
  operator: 'FREEZE_REASON_OPERATOR',
  'went-backwards': 'FREEZE_REASON_WENT_BACKWARDS',
} satisfies Record<Freeze['reason'], string>

/**
 * What is zero or empty was not given.
 *
 * @throws GolovesError REQUEST_INVALID when the buffer or the mode is none that the contract names.
 */
export function createTagRequest(message: CreateTagMessage): CreateTagRequest {
  const { tag, step, maxId, maxValue, buffer, description, mode, layout } = message
  return {
    tag,
    mode: mode === 'MODE_UNSPECIFIED' ? undefined : modeOf(mode),
    layout: layout || undefined,
    step: step === '0' ? undefined : Number(step),
    maxId: maxId === '0' ? undefined : BigInt(maxId),
    maxValue: maxValue === '0' ? undefined : BigInt(maxValue),
    buffer: buffer === 'BUFFER_UNSPECIFIED' ? undefined : bufferKind(buffer),
    description: description || undefined,
  }
}

/** @throws GolovesError REQUEST_INVALID when the buffer is none that a tag can be changed to. */
export function updateTagRequest(message: UpdateTagMessage): UpdateTagRequest {
  const { tag, version, step, maxValue, buffer, description } = message
  return {
    tag,
    version: BigInt(version),
    step: step === undefined ? undefined : Number(step),
    maxValue: maxValue === undefined ? undefined : BigInt(maxValue),
    buffer: buffer === undefined ? undefined : bufferKind(buffer),
    description,
  }
}

export function tagMessage({ name, mode, buffer, freeze, layout, ...tag }: Tag): TagMessage {
  return {
    tag: name,
    mode: MODES[mode],
    step: tag.step,
    maxId: tag.maxId,
    maxValue: layout === undefined ? tag.maxValue : 0n,
    buffer: buffer === undefined ? 'BUFFER_UNSPECIFIED' : BUFFERS[buffer],
    description: tag.description,
    freezeReason:
      freeze === undefined ? 'FREEZE_REASON_UNSPECIFIED' : FREEZE_REASONS[freeze.reason],
    frozenAbove: freeze?.reason === 'went-backwards' ? freeze.above : 0n,
    version: tag.version,
    layout: layout?.name ?? '',
    layoutEndsAtMs: layout?.lastMs ?? 0,
  }
}

export function tagStateMessage(state: TagState): TagStateMessage {
  return {
    ...instanceStateMessage(state),
    instances: state.instances.map(instanceStateMessage),
    silentInstances: state.silentInstances,
  }
}

function instanceStateMessage(state: InstanceState): InstanceStateMessage {
  const { lastLease } = state
  return {
    instance: state.instance,
    ranges: state.ranges.map(rangeMessage),
    waiters: state.waiters,
    idsPerSecond: state.idsPerSecond,
    secondsLeft: state.secondsLeft,
    lastLease: lastLease && rangeMessage(lastLease.range),
    lastLeaseAtMs: lastLease?.atMs ?? 0,
    lastError: state.lastError ?? '',
    worker: state.worker,
  }
}

export function ownerMessage({ lease, reachesBackToMs }: IdOwner): OwnerMessage {
  return { lease: lease && { ...lease, range: rangeMessage(lease.range) }, reachesBackToMs }
}

function modeOf(mode: string | number): Mode {
  if (mode === MODES.segment) return 'segment'
  if (mode === MODES.snowflake) return 'snowflake'
  throw requestInvalid('A mode is MODE_SEGMENT or MODE_SNOWFLAKE.')
}

function bufferKind(buffer: string | number): BufferKind {
  if (buffer === BUFFERS.chain) return 'chain'
  if (buffer === BUFFERS.double) return 'double'
  throw requestInvalid('A buffer is BUFFER_CHAIN or BUFFER_DOUBLE.')
}
