import { Metadata, type StatusObject, status } from '@grpc/grpc-js'
import type { ErrorCode } from '../../../pkg/errors/error-code.ts'
import type { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import { encodeDetails } from './status-details.ts'

/** Every failure's gRPC status. The three about routes and media types only ever happen over HTTP. */
const STATUSES = {
  TAG_INVALID: status.INVALID_ARGUMENT,
  TAG_OPTION_INVALID: status.INVALID_ARGUMENT,
  COUNT_OUT_OF_RANGE: status.INVALID_ARGUMENT,
  ID_INVALID: status.INVALID_ARGUMENT,
  REQUEST_INVALID: status.INVALID_ARGUMENT,
  UNAUTHENTICATED: status.UNAUTHENTICATED,
  PERMISSION_DENIED: status.PERMISSION_DENIED,
  TAG_NOT_FOUND: status.NOT_FOUND,
  ROUTE_NOT_FOUND: status.UNIMPLEMENTED,
  METHOD_NOT_ALLOWED: status.UNIMPLEMENTED,
  MEDIA_TYPE_UNSUPPORTED: status.UNIMPLEMENTED,
  TAG_ALREADY_EXISTS: status.ALREADY_EXISTS,
  TAG_CONFLICT: status.ABORTED,
  MODE_MISMATCH: status.FAILED_PRECONDITION,
  TAG_FROZEN: status.FAILED_PRECONDITION,
  STORE_WENT_BACKWARDS: status.FAILED_PRECONDITION,
  LAYOUT_ENDED: status.FAILED_PRECONDITION,
  TAG_EXHAUSTED: status.OUT_OF_RANGE,
  REQUEST_TOO_LARGE: status.RESOURCE_EXHAUSTED,
  OVERLOADED: status.RESOURCE_EXHAUSTED,
  QUOTA_EXCEEDED: status.RESOURCE_EXHAUSTED,
  STORE_UNAVAILABLE: status.UNAVAILABLE,
  CLOCK_MOVED_BACKWARDS: status.UNAVAILABLE,
  WORKER_LEASE_LOST: status.UNAVAILABLE,
  WORKER_POOL_EXHAUSTED: status.UNAVAILABLE,
  SHUTTING_DOWN: status.UNAVAILABLE,
  DEADLINE_EXCEEDED: status.DEADLINE_EXCEEDED,
  INTERNAL: status.INTERNAL,
} satisfies Record<ErrorCode, status>

/**
 * A failure as a gRPC status: the sentence for people as its message, and for programs a
 * `google.rpc.ErrorInfo` (the code, domain `goloves`, the facts) and, where there is a wait, a
 * `google.rpc.RetryInfo`.
 */
export function toStatus(failure: GolovesError): StatusObject {
  const code = STATUSES[failure.code]
  const metadata = new Metadata()
  metadata.set('grpc-status-details-bin', encodeDetails(code, failure))
  return { code, details: failure.message, metadata }
}
