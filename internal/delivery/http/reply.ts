/** What goes back to a caller, before any server is involved. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Undefined where the status allows no body. */
  readonly body: string | undefined
}

// Every answer is true for one moment only, and an id for one caller only: nobody may store it.
const NO_STORE = { 'cache-control': 'no-store' }
const JSON_HEADERS = { ...NO_STORE, 'content-type': 'application/json; charset=utf-8' }
const TEXT_HEADERS = { ...NO_STORE, 'content-type': 'text/plain; charset=utf-8' }
const EXPOSITION_HEADERS = {
  ...NO_STORE,
  'content-type': 'text/plain; version=0.0.4; charset=utf-8',
}
const PROBLEM_HEADERS = { ...NO_STORE, 'content-type': 'application/problem+json; charset=utf-8' }

/** Status 200 with text that is JSON already, for replies too hot for `JSON.stringify`. */
export function rawJson(body: string): Reply {
  return { status: 200, headers: JSON_HEADERS, body }
}

/** A value without bigints, as JSON. */
export function json(value: unknown, status = 200): Reply {
  return { status, headers: JSON_HEADERS, body: JSON.stringify(value) }
}

/** Status 201 with the new thing, and where it is from now on. */
export function created(location: string, value: unknown): Reply {
  return { ...json(value, 201), headers: { ...JSON_HEADERS, location } }
}

/** Status 200 with plain text. */
export function plainText(body: string): Reply {
  return { status: 200, headers: TEXT_HEADERS, body }
}

/** Status 200 with metrics, in Prometheus' text format. */
export function exposition(body: string): Reply {
  return { status: 200, headers: EXPOSITION_HEADERS, body }
}

/** Status 204. */
export function noContent(): Reply {
  return { status: 204, headers: NO_STORE, body: undefined }
}

/** A failure (RFC 9457). */
export function problemJson(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>>,
): Reply {
  return { status, headers: { ...PROBLEM_HEADERS, ...headers }, body: JSON.stringify(value) }
}
