import type { Settings } from './settings.ts'

const HIDDEN = '***'

/** The same settings, fit to be printed: the password of the store is hidden. */
export function redacted(settings: Settings): Settings {
  return { ...settings, store: { ...settings.store, url: withoutPassword(settings.store.url) } }
}

function withoutPassword(url: string): string {
  if (!url.startsWith('mysql:')) return url
  const shown = new URL(url)
  if (shown.password !== '') shown.password = HIDDEN
  return shown.href
}
