import type { Settings } from './settings.ts'
import { withoutPassword } from './store-url.ts'

/** The same settings, fit to be printed: the password of the store is hidden. */
export function redacted(settings: Settings): Settings {
  return { ...settings, store: { ...settings.store, url: withoutPassword(settings.store.url) } }
}
