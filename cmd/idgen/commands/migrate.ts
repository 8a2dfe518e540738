import type { Settings } from '../../../internal/config/settings.ts'
import { Store } from '../../../internal/repository/store.ts'
import { buildContainer } from '../container.ts'
import type { Machine } from '../machine.ts'

/** Creates the tables that are missing. @throws GolovesError STORE_UNAVAILABLE. */
export async function migrate(settings: Settings, machine: Machine): Promise<void> {
  const store = buildContainer(settings, machine).get(Store)
  try {
    await store.migrate()
    machine.logger.info('All tables are there')
  } finally {
    await store.close()
  }
}
