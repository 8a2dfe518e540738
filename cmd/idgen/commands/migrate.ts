import { randomUUID } from 'node:crypto'
import type { Settings } from '../../../internal/config/settings.ts'
import { Store } from '../../../internal/repository/store.ts'
import type { Logger } from '../../../internal/telemetry/logger.ts'
import { SystemClock } from '../../../pkg/clock/system-clock.ts'
import { buildContainer } from '../container.ts'

/** Creates the tables that are missing. @throws GolovesError STORE_UNAVAILABLE. */
export async function migrate(settings: Settings, logger: Logger): Promise<void> {
  const machine = { clock: new SystemClock(), random: Math.random, logger, instance: randomUUID() }
  const store = buildContainer(settings, machine).get(Store)
  try {
    await store.migrate()
    logger.info('All tables are there')
  } finally {
    await store.close()
  }
}
