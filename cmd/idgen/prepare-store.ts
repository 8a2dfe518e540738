import type { Settings } from '../../internal/config/settings.ts'
import { parseStoreUrl } from '../../internal/config/store-url.ts'
import type { Store } from '../../internal/repository/store.ts'
import type { Logger } from '../../internal/telemetry/logger.ts'

/** The store is one that would lose ids; only whoever runs it can mend that. */
export class StoreRefusedError extends Error {
  override readonly name = 'StoreRefusedError'
}

/**
 * Creates the tables where the settings say so, and looks for what could harm: that is logged.
 *
 * @throws StoreRefusedError; GolovesError STORE_UNAVAILABLE; Error naming the tables that are missing.
 */
export async function prepareStore(
  store: Store,
  { store: { url, migrate, allowLossyCommits } }: Settings,
  logger: Logger,
): Promise<void> {
  if (migrate || parseStoreUrl(url).kind === 'sqlite') await store.migrate()
  for (const { severity, name, message } of await store.check()) {
    logger.warn({ finding: name }, message)
    if (severity === 'refuse' && !allowLossyCommits) {
      const cure = 'Ids could be given out twice. store.allowLossyCommits overrides this.'
      throw new StoreRefusedError(`${message} ${cure}`)
    }
  }
}
