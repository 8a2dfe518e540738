import { availableParallelism } from 'node:os'
import type { Settings } from '../../internal/config/settings.ts'

/** How many processes serve together. */
export function workerCount({ workers }: Pick<Settings, 'workers'>): number {
  return workers === 'auto' ? availableParallelism() : workers
}
