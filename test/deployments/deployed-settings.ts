import { loadSettings } from '../../internal/config/load-settings.ts'
import type { Settings } from '../../internal/config/settings.ts'
import { imageOf, textOf } from './deployment-files.ts'

/** What an instance does after its drain: last words, and giving back what it holds. */
const LAST_DEEDS_MS = 5000
const STORE_URL = 'mysql://goloves:secret@mysql:3306/goloves'

/**
 * The settings in force in a container of our image.
 *
 * @param env What the deployment adds to the image's own environment.
 * @param secretFiles The paths of all files that are mounted.
 * @throws SettingsError listing every wrong one.
 */
export function settingsIn(
  env: Readonly<Record<string, string>>,
  secretFiles: readonly string[],
): Settings {
  return loadSettings({
    flags: {},
    env: { ...imageOf(textOf('Dockerfile')).env, ...env },
    config: undefined,
    readFile: (path) => {
      if (!secretFiles.includes(path)) throw new Error('no such file is mounted')
      return STORE_URL
    },
  })
}

/** What a stop may take at most. */
export function stopMs({ shutdown }: Settings): number {
  return shutdown.drainDelayMs + shutdown.drainLimitMs + LAST_DEEDS_MS
}
