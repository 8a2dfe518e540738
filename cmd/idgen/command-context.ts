import type { Settings } from '../../internal/config/settings.ts'
import type { ServiceClient } from './client.ts'
import type { Machine } from './machine.ts'

/** A command that needs no running service: it is one, or works on the store itself. */
export type ServerCommand = (
  settings: Settings,
  machine: Machine,
  print: CommandContext['print'],
) => Promise<void>

/** What the commands are given by the program. */
export interface CommandContext {
  /** @throws SettingsError listing every fault. */
  settings(): Settings
  /** Lends a client of the running service for as long as `work` takes. */
  withService<Result>(work: (service: ServiceClient) => Promise<Result>): Promise<Result>
  /** Runs a command without a running service, and loads what only such a command needs. */
  withoutService(load: () => Promise<ServerCommand>): Promise<void>
  /** Writes one line to standard output. */
  print(line: string): void
}
