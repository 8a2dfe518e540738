import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { requestInvalid, requestTooLarge } from '../../../pkg/errors/failures.ts'
import type { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import { mediaTypeUnsupported } from './failures.ts'
import type { HttpLimits } from './http-limits.ts'
import { problem } from './problem.ts'

/** What Fastify says is wrong with a request, as a failure of ours; undefined for anything else that was thrown. */
export function requestFault(thrown: unknown, limits: HttpLimits): GolovesError | undefined {
  switch (statusCodeOf(thrown)) {
    case 413:
      return requestTooLarge('A body', limits.maxBodyBytes)
    case 415:
      return mediaTypeUnsupported()
    case 400:
      return requestInvalid('The request is malformed: its path or its body cannot be read.')
    default:
      return undefined
  }
}

function statusCodeOf(thrown: unknown): unknown {
  return typeof thrown === 'object' && thrown !== null && 'statusCode' in thrown
    ? thrown.statusCode
    : undefined
}

/** Answers bytes that are no HTTP request, or do not become one in time, and closes the connection. */
export function refuseMalformed(
  error: NodeJS.ErrnoException,
  socket: Socket,
  limits: HttpLimits,
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const { status, headers, body = '' } = problem(faultOf(error, limits))
  const fields = { ...headers, connection: 'close', 'content-length': Buffer.byteLength(body) }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`)
}

function faultOf({ code }: NodeJS.ErrnoException, limits: HttpLimits): GolovesError {
  if (code === 'HPE_HEADER_OVERFLOW') return requestTooLarge('Headers', limits.maxHeaderBytes)
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return requestInvalid('The request took too long to arrive.')
  return requestInvalid('This is not an HTTP request that can be read.')
}
