import { Gate } from '../../internal/delivery/gate.ts'
import { GrpcServer, type GrpcServerOptions } from '../../internal/delivery/grpc/grpc-server.ts'
import type { UseCases } from '../../internal/delivery/use-cases.ts'
import { parseTagName, type Tag } from '../../internal/domain/entity/tag.ts'
import { newMeters } from '../../internal/telemetry/metrics/call-metrics.ts'
import type { InstanceState } from '../../internal/usecase/tag/other-instances.ts'
import { SystemClock } from '../../pkg/clock/system-clock.ts'
import { countOutOfRange, tagNotFound } from '../../pkg/errors/failures.ts'
import { COUNT_MAX, KNOWN_TAG } from '../contract/error-cases.ts'
import { GrpcClient } from './grpc-client.ts'

/** A whole gRPC server on a free port, what it says when it fails inside, and a client of it. */
export interface GrpcRig {
  readonly gate: Gate
  readonly server: GrpcServer
  readonly port: number
  readonly client: GrpcClient
  /** The mistakes of ours that were reported. */
  readonly reports: readonly unknown[]
  stop(): Promise<void>
}

export const clock = new SystemClock()

/** What these servers take from their callers. */
export const LIMITS = {
  maxMessageBytes: 64 * 1024,
  maxConcurrentStreams: 100,
  maxConnections: 100,
  maxCalls: 1000,
  maxLastingCalls: 100,
  arrivalMs: 20_000,
  keepaliveMs: 60_000,
  idleMs: 60_000,
}

/**
 * @param useCases Those that matter to the test; the rest count up from 1 and know `KNOWN_TAG`.
 * @param options Those of the server that matter to the test.
 */
export async function grpcRig(
  useCases: Partial<UseCases> = {},
  options: Partial<GrpcServerOptions> = {},
): Promise<GrpcRig> {
  const gate = new Gate()
  const reports: unknown[] = []
  const server = new GrpcServer({
    useCases: { ...countingUseCases(), ...useCases },
    gate,
    clock,
    deadlines: { defaultMs: 5_000, maxMs: 30_000 },
    meters: newMeters().grpc,
    limits: LIMITS,
    protoDir: 'api/proto',
    report: (error) => reports.push(error),
    ...options,
  })
  const port = await server.listen('127.0.0.1', 0)
  const client = new GrpcClient(port)
  const stop = async () => {
    client.close()
    await server.close(0)
  }
  return { gate, server, port, client, reports, stop }
}

/** Waits, for as long as the test may last, until something is so. */
export async function eventually(isSo: () => boolean): Promise<void> {
  while (!isSo()) await clock.sleep(1)
}

/** Whether a number has begun to rise and then not moved for a while. */
export function isStill(read: () => number): () => boolean {
  let last = 0
  let turns = 0
  return () => {
    turns = last > 0 && read() === last ? turns + 1 : 0
    last = read()
    return turns > 100
  }
}

/** A tag with every option set. */
export const TAG: Tag = {
  name: parseTagName(KNOWN_TAG),
  mode: 'segment',
  layout: undefined,
  step: 1000,
  maxId: 2n ** 62n,
  maxValue: 2n ** 63n - 1n,
  buffer: 'double',
  description: 'Orders.',
  freeze: { reason: 'went-backwards', above: 2n ** 62n + 1n },
  deletedMaxId: 0n,
  generation: 1n,
  version: 7n,
}

/** What an instance holds, with everything there is to say. */
const HELD: InstanceState = {
  instance: 'quiet-otter',
  ranges: [{ first: 1n, last: 2n ** 63n - 1n }],
  waiters: 3,
  idsPerSecond: 1.5,
  secondsLeft: 60,
  lastLease: { range: { first: 1n, last: 9n }, atMs: 1_700_000_000_000 },
  lastError: 'STORE_UNAVAILABLE',
  worker: { worker: 1023, epoch: 2n ** 62n, reservedUntilMs: 1_700_000_000_000 },
}

function countingUseCases(): UseCases {
  let last = 0n
  const take = (tag: string, count: bigint) => {
    if (count < 1n || count > COUNT_MAX) throw countOutOfRange(String(count), COUNT_MAX)
    if (parseTagName(tag) !== KNOWN_TAG) throw tagNotFound(tag)
    last += count
    return { first: last - count + 1n, last }
  }
  const tag = async () => TAG
  return {
    nextId: { execute: (name) => take(name, 1n).last },
    nextIds: { execute: (name, count) => [take(name, count)] },
    decodeId: {
      execute: async () => ({ timeMs: 1_700_000_000_000, worker: 1023, sequence: 4095 }),
    },
    createTag: { execute: tag },
    getTag: { execute: tag },
    listTags: { execute: async () => ({ tags: [TAG], nextPageToken: KNOWN_TAG }) },
    updateTag: { execute: tag },
    raiseTag: { execute: async () => ({ tag: TAG, holdsFromMs: 1_700_000_000_000 }) },
    freezeTag: { execute: tag },
    unfreezeTag: { execute: tag },
    deleteTag: { execute: async () => {} },
    getTagState: {
      execute: async () => ({ ...HELD, instances: [HELD], silentInstances: 1 }),
    },
    findOwner: {
      execute: async () => ({
        lease: {
          range: { first: 1n, last: 2n ** 63n - 1n },
          instance: 'quiet-otter',
          address: 'host-1',
          leasedAtMs: 1_700_000_000_000,
        },
        reachesBackToMs: 1_600_000_000_000,
      }),
    },
  }
}
