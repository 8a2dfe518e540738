import { status } from '@grpc/grpc-js'
import { toStatus } from '../../internal/delivery/grpc/status.ts'
import { STATUS_OF_CODE } from '../../internal/delivery/http/status.ts'
import { ERROR_CODES, type ErrorCode } from '../../pkg/errors/error-code.ts'
import { GolovesError } from '../../pkg/errors/goloves-error.ts'
import { code, table } from './markdown.ts'

/** The heading above it. */
export const ERRORS = 'Errors'

const CODE = new RegExp(`\\b(${ERROR_CODES.join('|')})\\b`, 'g')

/** Every code with its statuses. @param meanings What each means, and what to do. */
export function errorTable(meanings: Readonly<Record<string, string>>): string {
  return table(
    ['code', 'gRPC', 'HTTP', 'what it means, and what to do'],
    ERROR_CODES.map((name) => [
      code(name),
      grpcStatusOf(name),
      String(STATUS_OF_CODE[name]),
      meanings[name] ?? '',
    ]),
  )
}

/** The codes that a text names, each once. */
export function codesIn(text: string): Set<string> {
  return new Set(text.match(CODE))
}

/** A text whose codes are shown as such. */
export function withCodes(text: string): string {
  return text.replace(CODE, code('$1'))
}

function grpcStatusOf(name: ErrorCode): string {
  return status[toStatus(new GolovesError(name, '')).code] ?? ''
}
