import type { Settings } from '../../internal/config/settings.ts'
import type { ServiceClient } from './client.ts'

/** What the commands are given by the program. */
export interface CommandContext {
  /** @throws SettingsError listing every fault. */
  settings(): Settings
  /** Lends a client of the running service for as long as `work` takes. */
  withService<Result>(work: (service: ServiceClient) => Promise<Result>): Promise<Result>
  /** Writes one line to standard output. */
  print(line: string): void
}
