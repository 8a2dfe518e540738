import type { ClientOptions, LeaseOptions, Target } from './client-options.ts'

/** Options that were checked, and completed. */
export interface ClientSettings {
  readonly targets: readonly CheckedTarget[]
  readonly way: NonNullable<ClientOptions['way']>
  readonly deadlineMs: number
  readonly heldMax: number
}

export interface CheckedTarget {
  readonly grpc: string | undefined
  readonly http: URL | undefined
}

const GRPC_ADDRESS = /^[^/\s]+:\d+$/
const TEN_MINUTES_MS = 600_000
const HELD_MAX = 100_000_000

/** @throws RangeError that names the option that is wrong. */
export function settingsOf(options: ClientOptions | LeaseOptions): ClientSettings {
  const { targets, way = 'merge', deadlineMs = 5000 } = options
  const heldMax = 'heldMax' in options ? options.heldMax : undefined
  if (targets.length === 0) throw new RangeError('targets: there is none.')
  if (!['direct', 'merge', 'lease'].includes(way)) {
    throw new RangeError(`way: "${way}" is none of direct, merge and lease.`)
  }
  if (heldMax !== undefined && way !== 'lease') throw new RangeError('heldMax: only lease has one.')
  return {
    targets: targets.map(checked),
    way,
    deadlineMs: whole('deadlineMs', deadlineMs, TEN_MINUTES_MS),
    heldMax: whole('heldMax', heldMax ?? 100_000, HELD_MAX),
  }
}

function checked({ grpc, http }: Target): CheckedTarget {
  if (grpc === undefined && http === undefined) {
    throw new RangeError('targets: one of them has neither grpc nor http.')
  }
  if (grpc !== undefined && !GRPC_ADDRESS.test(grpc)) {
    throw new RangeError(`targets: grpc "${grpc}" is not of the form host:port.`)
  }
  if (http === undefined) return { grpc, http }
  const url = URL.canParse(http) ? new URL(http) : undefined
  if (url?.protocol !== 'http:') {
    throw new RangeError(`targets: http "${http}" is not of the form http://host:port.`)
  }
  return { grpc, http: url }
}

function whole(name: string, value: number, max: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= max) return value
  throw new RangeError(`${name}: ${value} is no whole number from 1 to ${max}.`)
}
