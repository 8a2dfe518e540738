import type { DatabaseServer } from './database-server.ts'

/** A database that several servers keep together. */
export interface Engine {
  readonly name: string
  readonly servers: readonly DatabaseServer[]
  /** The server that takes writes, or takes most of them. */
  inUse(): Promise<DatabaseServer>
  /** Starts a server again that was killed. */
  restart(server: DatabaseServer): Promise<void>
  /** Waits until each server is a member again, and helps where an operator would have to. */
  untilWhole(): Promise<void>
}

export const DATABASE = 'goloves_test'

/** The engine's database as a service is told of it: one server after the other, from `first` on. */
export function urlOf({ servers }: Engine, first = 0): string {
  const addresses = servers.map((_, n) => servers[(first + n) % servers.length]?.address ?? '')
  return `mysql://root@${addresses[0]}/${DATABASE}?hosts=${addresses.slice(1).join(',')}`
}
