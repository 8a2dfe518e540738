/**
 * Every way a request can fail, by its stable name. Callers program against these; each transport
 * has one table from them to its statuses (`delivery/grpc/status.ts`, `delivery/http/status.ts`).
 */
export const ERROR_CODES = [
  'TAG_INVALID',
  'TAG_OPTION_INVALID',
  'COUNT_OUT_OF_RANGE',
  'ID_INVALID',
  'REQUEST_INVALID',
  'UNAUTHENTICATED',
  'PERMISSION_DENIED',
  'TAG_NOT_FOUND',
  'ROUTE_NOT_FOUND',
  'METHOD_NOT_ALLOWED',
  'MEDIA_TYPE_UNSUPPORTED',
  'TAG_ALREADY_EXISTS',
  'TAG_CONFLICT',
  'MODE_MISMATCH',
  'TAG_FROZEN',
  'STORE_WENT_BACKWARDS',
  'LAYOUT_ENDED',
  'TAG_EXHAUSTED',
  'REQUEST_TOO_LARGE',
  'OVERLOADED',
  'QUOTA_EXCEEDED',
  'STORE_UNAVAILABLE',
  'CLOCK_MOVED_BACKWARDS',
  'WORKER_LEASE_LOST',
  'WORKER_POOL_EXHAUSTED',
  'SHUTTING_DOWN',
  'DEADLINE_EXCEEDED',
  'INTERNAL',
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]

/**
 * The failures of one instance at one moment: it, or another one, may answer a little later. Asking
 * again after any other failure makes no sense.
 */
export const UNAVAILABLE_CODES: ReadonlySet<ErrorCode> = new Set([
  'STORE_UNAVAILABLE',
  'CLOCK_MOVED_BACKWARDS',
  'WORKER_LEASE_LOST',
  'WORKER_POOL_EXHAUSTED',
  'SHUTTING_DOWN',
])

export function isErrorCode(text: unknown): text is ErrorCode {
  return ERROR_CODES.some((code) => code === text)
}
