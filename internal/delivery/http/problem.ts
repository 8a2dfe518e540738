import { STATUS_CODES } from 'node:http'
import type { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import { problemJson, type Reply } from './reply.ts'
import { STATUS_OF_CODE } from './status.ts'

/** A failure as its caller sees it: a problem of RFC 9457 with our code, and how long to wait where that is known. */
export function problem({ code, message, metadata, retryAfterMs }: GolovesError): Reply {
  const status = STATUS_OF_CODE[code]
  const { allow } = metadata
  return problemJson(
    status,
    {
      type: 'about:blank',
      title: STATUS_CODES[status],
      status,
      detail: message,
      code,
      ...(retryAfterMs !== undefined && { retryAfterMs: Math.ceil(retryAfterMs) }),
    },
    {
      ...(retryAfterMs !== undefined && { 'retry-after': String(wholeSeconds(retryAfterMs)) }),
      ...(allow !== undefined && { allow }),
    },
  )
}

/** Retry-After knows whole seconds only, and 0 would ask for a hammering. */
function wholeSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000))
}
