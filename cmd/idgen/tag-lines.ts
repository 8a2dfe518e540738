import { z } from 'zod'

// How the commands print what the service says of a tag. Numbers of 64 bits arrive as text.

const range = z.object({ first: z.string(), last: z.string() })

export const tagSchema = z.object({
  tag: z.string(),
  mode: z.string(),
  step: z.string(),
  maxId: z.string(),
  maxValue: z.string(),
  buffer: z.string(),
  description: z.string(),
  freezeReason: z.string(),
  frozenAbove: z.string(),
  version: z.string(),
  layout: z.string(),
  layoutEndsAtMs: z.string(),
})

const instanceSchema = z.object({
  instance: z.string(),
  ranges: z.array(range),
  waiters: z.string(),
  idsPerSecond: z.number(),
  secondsLeft: z.number().optional(),
  lastLease: range.nullish(),
  lastLeaseAtMs: z.string(),
  lastError: z.string(),
  worker: z
    .object({ worker: z.string(), epoch: z.string(), reservedUntilMs: z.string() })
    .nullish(),
})

export const stateSchema = instanceSchema.extend({
  instances: z.array(instanceSchema),
  silentInstances: z.string(),
})

export const leaseSchema = z.object({
  range,
  instance: z.string(),
  address: z.string(),
  leasedAtMs: z.string(),
})

type Tag = z.output<typeof tagSchema>
type InstanceState = z.output<typeof instanceSchema>

/** What is printed of a tag, in this order. */
export const TAG_COLUMNS = [
  'tag',
  'mode',
  'step',
  'max_id',
  'max_value',
  'buffer',
  'frozen',
  'version',
  'layout',
  'layout_ends',
  'description',
] as const

/** One tag in the order of `TAG_COLUMNS`; what means nothing in its mode is empty. */
export function tagCells(tag: Tag): string[] {
  const isSnowflake = tag.layout !== ''
  const segment = [tag.step, tag.maxId, tag.maxValue, word('BUFFER', tag.buffer)]
  return [
    tag.tag,
    word('MODE', tag.mode),
    ...(isSnowflake ? segment.map(() => '') : segment),
    frozen(tag),
    tag.version,
    tag.layout,
    isSnowflake ? timeOf(tag.layoutEndsAtMs) : '',
    // Whoever wrote the note must not be able to add columns or lines.
    tag.description.replace(/\p{Cc}/gu, ' '),
  ]
}

/** One tag as `name: value` lines, none where there is no value. */
export function tagLines(tag: Tag): string[] {
  const cells = tagCells(tag)
  return TAG_COLUMNS.flatMap((column, index) => {
    const cell = cells[index]
    return cell ? [`${column}: ${cell}`] : []
  })
}

/** What a service holds of a tag, as `name: value` lines; what each of several instances does is indented. */
export function stateLines(state: z.output<typeof stateSchema>): string[] {
  const { instances, silentInstances } = state
  const silent =
    silentInstances === '0' ? [] : [`instances that did not answer: ${silentInstances}`]
  if (instances.length < 2) return [...heldLines(state), ...silent]
  const together = heldLines(state).filter((line) => !/^(instance|worker): /.test(line))
  const each = instances.flatMap((one) => {
    const [name = '', ...held] = heldLines(one)
    return [name, ...held.map((line) => `  ${line}`)]
  })
  return [`instances: ${instances.length}`, ...silent, ...together, ...each]
}

function heldLines(state: InstanceState): string[] {
  const ranges = state.ranges.map(shown).join(' ')
  const isEmpty = ranges === ''
  const lines = [
    `instance: ${state.instance}`,
    ...(isEmpty && state.worker ? [] : [`in memory: ${isEmpty ? 'none' : ranges}`]),
    `waiters: ${state.waiters}`,
    `ids per second: ${state.idsPerSecond.toFixed(1)}`,
  ]
  if (state.secondsLeft !== undefined) lines.push(`seconds left: ${state.secondsLeft.toFixed(0)}`)
  if (state.lastLease) {
    lines.push(`last lease: ${shown(state.lastLease)} at ${timeOf(state.lastLeaseAtMs)}`)
  }
  if (state.worker) {
    const { worker, epoch, reservedUntilMs } = state.worker
    lines.push(`worker: ${worker}, epoch ${epoch}, reserved until ${timeOf(reservedUntilMs)}`)
  }
  if (state.lastError !== '') lines.push(`last error: ${state.lastError}`)
  return lines
}

/** Who leased a range and when, as `name: value` lines. */
export function leaseLines(lease: z.output<typeof leaseSchema>): string[] {
  return [
    `instance: ${lease.instance}`,
    ...(lease.address === '' ? [] : [`address: ${lease.address}`]),
    `range: ${shown(lease.range)}`,
    `leased: ${timeOf(lease.leasedAtMs)}`,
  ]
}

function shown({ first, last }: z.output<typeof range>): string {
  return `${first}-${last}`
}

/** Milliseconds since 1970 as people read them, in UTC. */
export function timeOf(ms: string): string {
  return new Date(Number(ms)).toISOString()
}

function frozen({ freezeReason, frozenAbove }: Tag): string {
  const reason = word('FREEZE_REASON', freezeReason, 'no')
  return reason === 'went-backwards' ? `${reason}, raise above ${frozenAbove}` : reason
}

/** `BUFFER_CHAIN` as `chain`; the unspecified value as `unspecified`. */
function word(name: string, value: string, unspecified = 'default'): string {
  const bare = value.slice(name.length + 1)
  return bare === 'UNSPECIFIED' ? unspecified : bare.toLowerCase().replaceAll('_', '-')
}
