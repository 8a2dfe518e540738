import { Redis } from 'ioredis'
import { createPool, type ResultSetHeader } from 'mysql2/promise'
import { z } from 'zod'
import { createClient } from '../../../pkg/client/create-client.ts'
import type { Taking } from './taking.ts'

/** As somebody sets it who takes millions in a second: the default would last for some milliseconds. */
const HELD_MAX = 1_000_000

/** Where a client is to take ids from, and how. */
export const SourceOrder = z.discriminatedUnion('kind', [
  z.object({
    kind: z.enum(['direct', 'merge', 'lease', 'lease-now']),
    grpc: z.string(),
    tag: z.string(),
  }),
  z.object({ kind: z.literal('redis'), socket: z.string() }),
  z.object({ kind: z.literal('mysql'), url: z.string() }),
])

export type SourceOrder = z.infer<typeof SourceOrder>

export interface IdSource {
  /** Takes ids until that is over. */
  readonly take: (taking: Taking) => Promise<void>
  readonly close: () => Promise<unknown>
}

/** A client that is ready. */
export async function sourceOf(order: SourceOrder, callers: number): Promise<IdSource> {
  switch (order.kind) {
    case 'redis':
      return redis(order.socket, callers)
    case 'mysql':
      return mysql(order.url, callers)
    case 'lease-now': {
      const client = createClient(leaseOf(order.grpc))
      return {
        take: (taking) => taking.askNow(() => client.nextIdNow(order.tag)),
        close: () => client.close(),
      }
    }
    default: {
      const { grpc, kind } = order
      const client = createClient(
        kind === 'lease' ? leaseOf(grpc) : { targets: [{ grpc }], way: kind },
      )
      return {
        take: (taking) => taking.ask(callers, () => client.nextId(order.tag)),
        close: () => client.close(),
      }
    }
  }
}

function leaseOf(grpc: string) {
  return { targets: [{ grpc }], way: 'lease', heldMax: HELD_MAX } as const
}

function redis(socket: string, callers: number): IdSource {
  const client = new Redis({ path: socket, enableAutoPipelining: true })
  return {
    take: (taking) => taking.ask(callers, () => client.incr('ids')),
    close: () => client.quit(),
  }
}

async function mysql(url: string, callers: number): Promise<IdSource> {
  const pool = createPool({ uri: url, connectionLimit: callers })
  await pool.query(
    'CREATE TABLE IF NOT EXISTS ids (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB',
  )
  const next = async () => {
    const [{ insertId }] = await pool.execute<ResultSetHeader>('INSERT INTO ids VALUES ()')
    return insertId
  }
  return { take: (taking) => taking.ask(callers, next), close: () => pool.end() }
}
